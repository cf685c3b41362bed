import HTTPTypes
import Hummingbird
import Logging
import Reprise
import RepriseGateway
import RepriseNode
import ServiceLifecycle
import UnixSignals

/// Node and gateway in one process of a user's own, who wants to know who asks.
@main struct Main {
    static func main() async throws {
        var gateway = await GatewayConfiguration.fromEnvironment()
        gateway.port = 0
        let key = "whole"
        let door = Gateway(configuration: gateway, middleware: [Key(value: key)])
        let services: [any Service] = [
            Node(
                orchestrators: [Greeting()],
                activities: [Greet()],
                configuration: await .fromEnvironment()
            ),
            door,
        ]
        try await ServiceGroup(
            services: services,
            gracefulShutdownSignals: [.sigterm],
            logger: Logger(label: "whole-hub")
        ).run()
    }
}

/// Lets only those pass who have the key.
struct Key: RouterMiddleware {
    let value: String

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard request.headers[.authorization] == "Bearer \(value)" else { throw HTTPError(.unauthorized) }
        return try await next(request, context)
    }
}

struct Greeting: Orchestrator {
    func run(_ context: OrchestrationContext, input: String) async throws -> String {
        try await context.call(Greet.self, input)
    }
}

struct Greet: Activity {
    func run(_ context: ActivityContext, input: String) async throws -> String { "Hello \(input)!" }
}
