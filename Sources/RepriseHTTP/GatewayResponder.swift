import HTTPTypes
package import Hummingbird
import Logging
import RepriseEngine
import RepriseKernel
import RepriseStatus

/// What comes with a request besides it; middleware of Hummingbird's reads the path of its endpoint here.
package struct GatewayContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    let connection: ClientConnection

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        connection = ClientConnection(channel: source.channel)
    }
}

/// Answers every request, whatever becomes of it, with nothing or with JSON; an error always with a sentence.
package struct GatewayResponder: HTTPResponder {
    let gateway: Gateway

    package func respond(to request: Request, context: GatewayContext) async throws -> Response {
        guard request.method == .head else { return await answer(request, context) }
        // As GET without the body: one would be read as the beginning of the next answer.
        var head = request.head
        head.method = .get
        return await answer(Request(head: head, body: request.body), context).createHeadResponse()
    }

    private func answer(_ request: Request, _ context: GatewayContext) async -> Response {
        do {
            return try await gateway.respond(to: request, context)
        } catch let problem as Problem {
            return problem.response
        } catch let error as SearchError {
            return Problem(error).response
        } catch let error as HubUnavailable {
            return Problem.unavailable(error.message).response
        } catch is CancellationError {
            return Problem.unavailable("the gateway is shutting down").response
        } catch {
            context.logger.error("\(request.method) \(request.uri.path) failed: \(error)")
            return Problem(.internalServerError, "Something went wrong while processing your request").response
        }
    }
}

/// A responder behind middleware, the first of it outermost.
struct MountedResponder: HTTPResponder {
    private let chain: any HTTPResponder<GatewayContext>

    init(_ middleware: [any MiddlewareProtocol<Request, Response, GatewayContext>], _ responder: GatewayResponder) {
        chain = middleware.reversed().reduce(responder as any HTTPResponder<GatewayContext>) { Link($1, before: $0) }
    }

    func respond(to request: Request, context: GatewayContext) async throws -> Response {
        try await chain.respond(to: request, context: context)
    }

    private struct Link: HTTPResponder {
        let middleware: any MiddlewareProtocol<Request, Response, GatewayContext>
        let next: any HTTPResponder<GatewayContext>

        init(
            _ middleware: any MiddlewareProtocol<Request, Response, GatewayContext>,
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
            return Problem(.notFound, "There is no \(request.method) \(place) here; /openapi.json says what there is")
        case .wrongVerb(let allowed):
            return Problem(.methodNotAllowed, "This address takes \(allowed) only", headers: [.allow: allowed])
        case .illegible: return Problem(.badRequest, "The path is not UTF-8")
        }
    }

    /// A client that means another hub must not be told of this one's instances.
    private func checkHub(_ call: Call) throws(Problem) {
        guard let hub = call.target.query["taskHub"], !hub.isEmpty, hub.lowercased() != client.hub.value else { return }
        throw Problem(.badRequest, "This gateway serves the task hub '\(client.hub)', not '\(hub.prefix(60))'")
    }
}
