import HTTPTypes
package import Hummingbird
import Logging
import RepriseEngine
import RepriseKernel
import RepriseStatus

package struct GatewayContext: InitializableFromSource {
    let logger: Logger
    let connection: ClientConnection

    package init(source: ApplicationRequestContextSource) {
        logger = source.logger
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
            return try await gateway.respond(to: request, over: context.connection)
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

extension Gateway {
    func respond(to request: Request, over connection: ClientConnection) async throws -> Response {
        if let declared = request.declaredLength, declared > configuration.maximumBody {
            throw Problem.tooLarge(configuration.maximumBody)
        }
        var call = Call(request: request, over: connection, configuration: configuration)
        try call.checkOrigin(configuration)
        let match = EndpointMatch(request.method, call.target.segments)
        guard case .found(let endpoint, let values) = match else {
            if configuration.isReadOnly, request.method != .get { throw Problem.readOnly }
            throw problem(match, request)
        }
        if configuration.isReadOnly, endpoint.access != .look { throw Problem.readOnly }
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
