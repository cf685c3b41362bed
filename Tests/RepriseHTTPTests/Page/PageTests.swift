import Foundation
import HTTPTypes
import Testing

@testable import RepriseHTTP

@Suite struct PageTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/RepriseHTTP/Page/Files")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    @Test func onlyItsOwnFilesRunInIt() async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(.get, "/")
            #expect(reply.status == 200)
            #expect(reply.headers[.contentType] == "text/html; charset=utf-8")
            #expect(reply.headers[.xContentTypeOptions] == "nosniff")
            let policy = try #require(reply.headers[.contentSecurityPolicy])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "))
            for rule in ["form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'", "trusted-types 'none'"] {
                #expect(policy.contains(rule))
            }
            #expect(!policy.contains("unsafe"))
            #expect(!reply.body.contains("http"), "nothing is loaded from elsewhere")
            #expect(!reply.body.contains("style="))
        }
    }

    @Test func everyFileIsServedAsItLiesInTheFolder() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0 != "page.html" && !$0.hasPrefix(".") }
        #expect(Set(names) == Set(PageFile.assets.keys))
        try await withGateway { gateway async throws in
            #expect(try await gateway.call(.get, "/").body == Self.text("page.html"))
            for name in names {
                let reply = try await gateway.call(.get, "/assets/\(name)")
                #expect(try reply.body == Self.text(name), "\(name)")
                let type = name.hasSuffix(".js") ? "text/javascript" : name.hasSuffix(".css") ? "text/css" : "image/svg"
                #expect(reply.headers[.contentType]?.hasPrefix(type) == true, "\(name)")
                let tag = try #require(reply.headers[.eTag])
                let again = try await gateway.call(.get, "/assets/\(name)", headers: [.ifNoneMatch: tag])
                #expect(again.status == 304, "\(name)")
            }
            #expect(try await gateway.call(.get, "/assets/other.js").problemStatus == 404)
            #expect(try await gateway.call(.get, "/assets/..%2Fpage.html").problemStatus == 404)
        }
    }

    /// What instances say of themselves comes from strangers: it is set as text, and no script is made of a text.
    @Test func noTextBecomesMarkupOrCode() throws {
        let refused = [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "createContextualFragment", "DOMParser",
            "srcdoc", "eval(", "new Function", "setHTML", "javascript:", "import(",
        ]
        for name in PageFile.assets.keys where name.hasSuffix(".js") {
            let text = try Self.text(name)
            for word in refused { #expect(!text.contains(word), "\(name) says \(word)") }
        }
    }

    @Test func nothingIsImportedFromElsewhere() throws {
        for name in PageFile.assets.keys where name.hasSuffix(".js") {
            for match in try Self.text(name).matches(of: /from "([^"]*)"/) {
                let module = String(match.output.1)
                #expect(module.hasPrefix("./"))
                #expect(PageFile.assets[String(module.dropFirst(2))] != nil, "\(name) imports \(module)")
            }
        }
    }
}
