import HTTPTypes
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

/// Verbs and paths that the gateway does not have, and pages of other sites.
@Suite struct RefusedRequestTests {
    @Test func wrongVerbsAndUnknownPathsAre404() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("a")))
            for (method, uri) in [
                (HTTPRequest.Method.get, "~/orchestrators/Hello"), (.put, "~/instances/a"), (.patch, "~/instances/a"),
                (.options, "~/instances/a"), (.get, "~/instances/a/terminate"),
                (.post, "~/instances"), (.get, "/nothing"),
                (.get, "~/instances/a/restart"), (.put, "~/entities"), (.get, "~"), (.get, "/favicon.ico"),
            ] {
                #expect(try await gateway.call(method, uri).problemStatus == 404, "\(method) \(uri)")
            }
        }
    }

    @Test func pagesOfOtherSitesMayNotSendCommands() async throws {
        var configuration = HTTPConfiguration(host: "127.0.0.1", port: 0)
        configuration.allowedOrigins = ["https://ours.example.org"]
        try await withGateway(configuration) { gateway async throws in
            for origin in ["https://evil.example.org", "null"] {
                let reply = try await gateway.call(.post, "~/orchestrators/Hello", headers: [.origin: origin])
                #expect(reply.status == 403)
            }
            #expect(gateway.hub.sent.isEmpty)
            for origin in ["http://localhost", "https://ours.example.org"] {
                let reply = try await gateway.call(.post, "~/orchestrators/Hello", headers: [.origin: origin])
                #expect(reply.status == 202)
            }
        }
    }
}
