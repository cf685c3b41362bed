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

    /// Whatever the router knows stands in the document at the same address, and nothing else does.
    @Test func theDocumentAndTheRouterKnowTheSame() throws {
        for operation in Operation.allCases {
            let path = operation.path.replacing("{", with: "").replacing("}", with: "")
            let route = Route(operation.method, RequestTarget(path).segments)
            #expect(route.operation == operation, "\(operation.method) \(operation.path)")
        }
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        let written = paths.flatMap { path, item in
            item.map { verb, operation in "\(operation["operationId"] ?? ""): \(verb) \(path)" }
        }
        let known = Operation.allCases.map { "\($0.rawValue): \($0.method.rawValue.lowercased()) \($0.path)" }
        #expect(written.sorted() == known.sorted())
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
        #expect(Set(parts) == names, "a part that nobody names is no part")
    }

    @Test func everyParameterOfAPathIsDescribed() throws {
        let components = try #require(document["components"] as? [String: [String: [String: Any]]])
        for operation in Operation.allCases {
            let described = operation.description.parameters.compactMap { components["parameters"]?[$0] }
                .filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
            let named = operation.path.split(separator: "{").dropFirst().map { String($0.prefix { $0 != "}" }) }
            #expect(described == named, "\(operation)")
        }
    }

    /// A parameter of the document that the door refuses would be no parameter.
    @Test func theDoorKnowsTheParametersOfTheDocument() throws {
        let components = try #require(document["components"] as? [String: [String: [String: Any]]])
        for operation in Operation.allCases {
            let described = operation.description.parameters.compactMap { components["parameters"]?[$0] }
                .filter { $0["in"] as? String == "query" }.compactMap { $0["name"] as? String }
            let path = operation.path.replacing("{", with: "").replacing("}", with: "")
            let route = Route(operation.method, RequestTarget(path).segments)
            // Of every client; and where a header cannot be sent.
            let others: Set = ["taskHub", "connection", "lastEventId"]
            let known = QueryParameters.known(by: route) ?? []
            #expect(Set(described).subtracting(others) == known.subtracting(others), "\(operation)")
        }
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
