import HTTPTypes
import Hummingbird
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct MiddlewareTests {
    private final class Notes: RouterMiddleware {
        static let passed = HTTPField.Name("Passed")!
        private let name: String
        private let notes: Mutex<[String]> = Mutex([])

        init(_ name: String) { self.name = name }

        var all: [String] { notes.withLock { $0 } }

        func handle(
            _ request: Request,
            context: GatewayContext,
            next: (Request, GatewayContext) async throws -> Response
        ) async throws -> Response {
            var response = try await next(request, context)
            response.headers[Self.passed] = (response.headers[Self.passed] ?? "") + name
            notes.withLock { $0.append("\(response.status.code) \(context.endpointPath ?? "-")") }
            return response
        }
    }

    private struct Refusing: RouterMiddleware {
        struct Broken: Error {}

        func handle(
            _ request: Request,
            context: GatewayContext,
            next: (Request, GatewayContext) async throws -> Response
        ) async throws -> Response {
            if request.uri.path == "/health" { throw HTTPError(.unauthorized, message: "who are you?") }
            throw Broken()
        }
    }

    @Test func whatItThrowsIsTheAnswer() async throws {
        try await withGateway(middleware: [Refusing()]) { gateway async throws in
            let refused = try await gateway.call(.get, "/health")
            #expect(refused.status == 401 && refused.body.contains("who are you?"))
            let head = try await gateway.call(.head, "/health")
            #expect(head.status == 401 && head.body.isEmpty)
            let broken = try await gateway.call(.get, "/")
            #expect(broken.status == 500)
            #expect(broken.message == "Something went wrong while processing your request")
        }
    }

    /// A label of a metric must not have an instance's id in it.
    @Test func requestsPassThroughItAndItKnowsTheEndpoint() async throws {
        let (outer, inner) = (Notes("a"), Notes("b"))
        try await withGateway(middleware: [outer, inner]) { gateway async throws in
            let reply = try await gateway.call(.get, "~/instances/a")
            #expect(reply.status == 404)
            #expect(reply.headers[Notes.passed] == "ba")
            _ = try await gateway.call(.get, "/health")
            _ = try await gateway.call(.get, "/nowhere")
        }
        let expected = ["404 \(TestGateway.base)/instances/{instanceId}", "200 /health", "404 -"]
        #expect(outer.all == expected && inner.all == expected)
    }
}
