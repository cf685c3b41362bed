import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

extension Gateway {
    // MARK: POST /orchestrators/{name}/{id?}

    func start(_ name: String, _ segment: String?, _ call: Call) async throws -> Response {
        let (wait, key): (Wait?, String?)
        do {
            try RegisteredName.check(name, of: "an orchestrator's name")
            wait = try Wait(call.target.query)
            key = try idempotencyKey(call)
        } catch let error as InvalidName {
            throw Problem.bad(error)
        }
        let instance = try instanceID(segment, name, key)
        let input = try await call.request.jsonBody(upTo: configuration.maximumBody)

        let command = Command(
            instance: instance,
            action: .start(orchestrator: name, input: input),
            messageID: key ?? makeID(),
            isInteractive: true
        )
        switch try await client.send(command, ordered: false) {
        case .accepted(let instance):
            recent.changed(instance)
            return try await answer(instance, wait, call)
        case .rejected(let rejection) where rejection.code == .alreadyExists:
            return try await conflict(instance, rejection)
        case .rejected(let rejection): throw Problem(rejection)
        case .status, .instances, .health: throw HubUnavailable("the partition gave an answer to another question")
        }
    }

    private func instanceID(_ segment: String?, _ name: String, _ key: String?) throws(Problem) -> InstanceID {
        if let segment {
            do throws(InvalidName) { return try InstanceID(segment) } catch { throw Problem.bad(error) }
        }
        // A repeat with the same key must find the instance that the first one made.
        if let key { return DerivedIdentity.instanceID(hub: client.hub, orchestrator: name, messageID: key) }
        return InstanceID(trusted: makeID())
    }

    private func idempotencyKey(_ call: Call) throws(Problem) -> String? {
        guard let key = call.request.headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(.badRequest, "An Idempotency-Key has 1 to 255 visible ASCII characters")
        }
        return key
    }

    private func accepted(_ instance: InstanceID, _ call: Call) -> Response {
        let links = ManagementLinks(
            origin: call.origin,
            hub: client.hub,
            connectionName: configuration.connectionName,
            instance: instance,
            returnsServerErrorOnFailure: call.target.query.bool("returnInternalServerErrorOnFailure", default: false)
        )
        return .json(.accepted, links.payload.bytes, headers: [.location: links.status, .retryAfter: "10"])
    }

    private func conflict(_ instance: InstanceID, _ rejection: Rejection) async throws -> Response {
        var body = Problem(rejection).body
        if let existing = try await client.status(of: instance)?.status { body.addStatus(existing, showInput: true) }
        return .json(.conflict, body.bytes)
    }

    // MARK: The answer to what was started

    /// The output, where it is waited for and comes in time; else the links.
    func answer(_ instance: InstanceID, _ wait: Wait?, _ call: Call) async throws -> Response {
        guard let wait else { return accepted(instance, call) }
        let limit = min(wait.timeout, configuration.maximumWait)
        let ended = try await watch(instance, upTo: limit, lookingEvery: wait.pollingInterval) {
            $0.runtimeStatus.isEnded
        }
        return ended.map { result(of: $0, call) } ?? accepted(instance, call)
    }

    private func result(of status: InstanceStatus, _ call: Call) -> Response {
        if status.runtimeStatus == .completed { return .json(.ok, status.output.bytes) }
        let fails =
            status.runtimeStatus == .failed
            && call.target.query.bool("returnInternalServerErrorOnFailure", default: false)
        return .json(fails ? .internalServerError : .ok, JSONObject(status, showInput: true).bytes)
    }
}
