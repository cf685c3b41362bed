import HTTPTypes
public import Hummingbird
import Logging
import RepriseEngine
import RepriseKernel
import RepriseStatus

/// Middleware of Hummingbird's that a gateway mounts: what each of its requests goes through, those of its page included.
public typealias GatewayMiddleware = MiddlewareProtocol<Request, Response, GatewayContext>

/// What comes with a request besides it. Middleware reads here, once the gateway has answered, at which endpoint that was:
/// `endpointPath` is a path with the names of its parameters, such as `/runtime/webhooks/durabletask/instances/{instanceId}`,
/// and nil for an address that there is not.
public struct GatewayContext: RequestContext {
    /// What Hummingbird keeps with a request.
    public var coreContext: CoreRequestContextStorage
    let connection: ClientConnection

    /// The context of a request that has just come.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        connection = ClientConnection(channel: source.channel)
    }
}

/// Answers every request, whatever happens, with nothing or with JSON; an error always contains a sentence.
package struct GatewayResponder: HTTPResponder {
    let gateway: Gateway

    package func respond(to request: Request, context: GatewayContext) async throws -> Response {
        guard request.method == .head else { return await answer(request, context) }
        // Like GET without the body, which would be read as the beginning of the next answer.
        var head = request.head
        head.method = .get
        return await answer(Request(head: head, body: request.body), context).createHeadResponse()
    }

    private func answer(_ request: Request, _ context: GatewayContext) async -> Response {
        do {
            return try await gateway.respond(to: request, context)
        } catch {
            return Self.response(for: error, of: request, context)
        }
    }

    fileprivate static func response(for error: any Error, of request: Request, _ context: GatewayContext) -> Response {
        switch error {
        case let problem as Problem: return problem.response
        case let error as SearchError: return Problem(error).response
        case let error as HubUnavailable: return Problem.unavailable(error.message).response
        case is CancellationError: return Problem.unavailable("the gateway is shutting down").response
        default:
            context.logger.error("\(request.method) \(request.uri.path) failed: \(error)")
            return Problem(.internalServerError, "Something went wrong while processing your request").response
        }
    }
}

/// A responder behind middleware, the first of it outermost. What middleware throws is answered, too.
struct MountedResponder: HTTPResponder {
    private let chain: any HTTPResponder<GatewayContext>

    init(_ middleware: [any GatewayMiddleware], _ responder: GatewayResponder) {
        chain = middleware.reversed().reduce(responder as any HTTPResponder<GatewayContext>) { Link($1, before: $0) }
    }

    func respond(to request: Request, context: GatewayContext) async throws -> Response {
        do {
            return try await chain.respond(to: request, context: context)
        } catch {
            let response =
                if let error = error as? any HTTPResponseError {
                    try error.response(from: request, context: context)
                } else {
                    GatewayResponder.response(for: error, of: request, context)
                }
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    private struct Link: HTTPResponder {
        let middleware: any GatewayMiddleware
        let next: any HTTPResponder<GatewayContext>

        init(
            _ middleware: any GatewayMiddleware,
            before next: any HTTPResponder<GatewayContext>
        ) {
            self.middleware = middleware
            self.next = next
        }

        func respond(to request: Request, context: GatewayContext) async throws -> Response {
            try await middleware.handle(request, context: context) { try await next.respond(to: $0, context: $1) }
        }
    }
}

extension Gateway {
    func respond(to request: Request, _ context: GatewayContext) async throws -> Response {
        if let declared = request.declaredLength, declared > configuration.maximumBody {
            throw Problem.tooLarge(configuration.maximumBody)
        }
        var call = Call(request: request, over: context.connection, configuration: configuration)
        try call.checkOrigin(configuration)
        let match = EndpointMatch(request.method, call.target.segments)
        guard case .found(let endpoint, let values) = match else {
            if configuration.isReadOnly, request.method != .get { throw Problem.readOnly }
            throw problem(match, request)
        }
        context.coreContext.endpointPath.value = endpoint.path.text
        if configuration.isReadOnly, endpoint.access != .read { throw Problem.readOnly }
        if endpoint.checksQuery {
            guard call.target.query.isLegible else { throw Problem(.badRequest, "The query is not UTF-8") }
            try checkHub(call)
            try call.target.query.check(for: endpoint)
        }
        call.path = values
        return try await endpoint.answer(self, call)
    }

    private func problem(_ match: EndpointMatch, _ request: Request) -> Problem {
        switch match {
        case .found, .unknown:
            let place = request.uri.path.prefix(260)
            return Problem(.notFound, "There is no \(request.method) \(place) here; /openapi.json lists what there is")
        case .wrongVerb(let allowed):
            return Problem(.methodNotAllowed, "This address takes \(allowed) only", headers: [.allow: allowed])
        case .illegible: return Problem(.badRequest, "The path is not UTF-8")
        }
    }

    /// A client that means another hub must not see this one's instances.
    private func checkHub(_ call: Call) throws(Problem) {
        guard let hub = call.target.query["taskHub"], !hub.isEmpty, hub.lowercased() != client.hub.value else { return }
        throw Problem(.badRequest, "This gateway serves the task hub '\(client.hub)', not '\(hub.prefix(60))'")
    }
}
