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
        let call = Call(request: request, over: connection, configuration: configuration)
        try call.checkOrigin(configuration)
        if configuration.isReadOnly, request.method != .get { throw Problem.readOnly }
        let route = Route(request.method, call.target.segments)
        switch route {
        case .page, .asset, .overview, .health, .cluster, .orchestrators, .document, .unknown, .wrongVerb, .illegible:
            break
        default:
            guard call.target.query.isLegible else { throw Problem(.badRequest, "The query is not UTF-8") }
            try checkHub(call)
            try call.target.query.check(for: route)
        }
        switch route {
        case .start(let orchestrator, let instance): return try await start(orchestrator, instance, call)
        case .status(let instance):
            return call.wantsEvents ? try await events(of: instance, call) : try await status(of: instance, call)
        case .tree(let instance): return try await tree(of: instance, call)
        case .statuses(let instance): return try await statuses(of: instance, call)
        case .stream: return try await events(call)
        case .list: return try await list(call)
        case .purge(let instance): return try await purge(instance, call)
        case .purgeMany: return try await purgeMany(call)
        case .raiseEvent(let instance, let event): return try await raise(event, to: instance, call)
        case .terminate(let instance):
            return try await order(.terminate(reason: call.reason, children: call.isRecursive), instance, call)
        case .suspend(let instance): return try await order(.suspend(reason: call.reason), instance, call)
        case .resume(let instance): return try await order(.resume(reason: call.reason), instance, call)
        case .rewind(let instance): return try await order(.rewind(reason: call.reason), instance, call)
        case .resend(let instance): return try await order(.resend, instance, call)
        case .restart(let instance): return try await restart(instance, call)
        case .entity(let name, let key): return try await entity(name, key)
        case .entities(let name): return try await entities(name, call)
        case .signal(let name, let key): return try await signal(name, key, call)
        case .deleteEntity(let name, let key): return try await deleteEntity(name, key, call)
        case .counts: return try await counts(call)
        case .indexes: return try await indexes()
        case .addIndex: return try await addIndex(call)
        case .removeIndex: return try await removeIndex(call)
        case .page: return page(call)
        case .asset(let name): return try asset(name, call)
        case .overview: return try await overview()
        case .health: return try await health()
        case .cluster: return try await cluster()
        case .orchestrators: return try await orchestrators()
        case .document: return .json(.ok, OpenAPIDocument.bytes)
        case .unknown:
            let place = request.uri.path.prefix(260)
            throw Problem(.notFound, "There is no \(request.method) \(place) here; /openapi.json says what there is")
        case .wrongVerb(let allowed):
            throw Problem(.methodNotAllowed, "This address takes \(allowed) only", headers: [.allow: allowed])
        case .illegible: throw Problem(.badRequest, "The path is not UTF-8")
        }
    }

    /// A client that means another hub must not be told of this one's instances.
    private func checkHub(_ call: Call) throws(Problem) {
        guard let hub = call.target.query["taskHub"], !hub.isEmpty, hub.lowercased() != client.hub.value else { return }
        throw Problem(.badRequest, "This gateway serves the task hub '\(client.hub)', not '\(hub.prefix(60))'")
    }
}
