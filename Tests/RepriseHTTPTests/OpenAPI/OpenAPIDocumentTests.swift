import Foundation
import HTTPTypes
import Testing

@testable import RepriseHTTP

@Suite struct OpenAPIDocumentTests {
    private let document: [String: Any]

    init() throws {
        document = try #require(
            JSONSerialization.jsonObject(with: Data(OpenAPIDocument.bytes)) as? [String: Any]
        )
    }

    private static let described = Endpoint.all.compactMap { endpoint in
        endpoint.description.map { (endpoint: endpoint, description: $0) }
    }

    /// Whatever is answered stands in the document at the same address, and nothing else does.
    @Test func theDocumentAndTheTableAreTheSame() throws {
        for endpoint in Endpoint.all {
            let path = endpoint.path.text.replacing("{", with: "").replacing("}", with: "")
            guard case .found(let found, let values) = EndpointMatch(endpoint.method, RequestTarget(path).segments)
            else {
                Issue.record("\(endpoint.method) \(endpoint.path.text) is not found")
                continue
            }
            #expect(found.id == endpoint.id)
            #expect(values == Dictionary(uniqueKeysWithValues: endpoint.path.parameters.map { ($0, $0) }))
        }
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        let written = paths.flatMap { path, item in
            item.map { verb, operation in "\(operation["operationId"] ?? ""): \(verb) \(path)" }
        }
        let known = Self.described.map { endpoint, _ in
            "\(endpoint.id): \(endpoint.method.rawValue.lowercased()) \(endpoint.path.text)"
        }
        #expect(written.sorted() == known.sorted())
        #expect(Set(Endpoint.all.map(\.id)).count == Endpoint.all.count)
    }

    @Test func everyPartThatIsNamedIsThere() throws {
        var names: Set<String> = []
        collect(document, into: &names)
        #expect(!names.isEmpty)
        for name in names {
            var place: Any? = document
            for step in name.split(separator: "/").dropFirst() { place = (place as? [String: Any])?[String(step)] }
            #expect(place != nil, "\(name)")
        }
        let components = try #require(document["components"] as? [String: [String: Any]])
        let parts = components.flatMap { kind, parts in parts.keys.map { "#/components/\(kind)/\($0)" } }
        #expect(Set(parts) == names, "every part is named somewhere")
    }

    @Test func everyParameterOfAPathIsDescribed() throws {
        let components = try #require(document["components"] as? [String: [String: [String: Any]]])
        for (endpoint, description) in Self.described {
            let described = description.parameters.compactMap { components["parameters"]?[$0] }
                .filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
            #expect(described == endpoint.path.parameters, "\(endpoint.id)")
        }
    }

    /// The door refuses a parameter that is read and not described; one that is described and not read would be none.
    @Test func everyParameterOfAQueryIsRead() throws {
        let code = try ["Routes", "Requests", "Following", "Waiting"].map(Self.source).joined()
        for name in Set(OpenAPIComponents.queryParameters.values).subtracting(["connection"]) {
            #expect(code.contains("\"\(name)\""), "'\(name)' is read nowhere")
        }
        let named = Set(Self.described.flatMap(\.description.parameters))
        let queries = Set(OpenAPIComponents.queryParameters.keys)
        #expect(queries.isSubset(of: named))
    }

    /// What is written in a folder of this room, but for the table itself.
    private static func source(_ folder: String) throws -> String {
        let room = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/RepriseHTTP")
        let files = try FileManager.default.contentsOfDirectory(
            at: room.appending(path: folder),
            includingPropertiesForKeys: nil
        )
        return try files.filter { $0.pathExtension == "swift" && $0.lastPathComponent != "Endpoints.swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    }

    @Test func itIsServedAsItIs() async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(.get, "/openapi.json")
            #expect(reply.status == 200)
            #expect(reply.body.hasPrefix(#"{"openapi":"3.1.0","info":{"title":"Reprise","#))
            #expect(try await gateway.call(.post, "/openapi.json").status == 405)
        }
    }

    private func collect(_ value: Any, into names: inout Set<String>) {
        if let object = value as? [String: Any] {
            if let name = object["$ref"] as? String { names.insert(name) }
            for value in object.values { collect(value, into: &names) }
        }
        for value in value as? [Any] ?? [] { collect(value, into: &names) }
    }
}
