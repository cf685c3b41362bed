import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

extension Gateway {
    // MARK: POST /orchestrators/{name}/{id?}

    func start(_ name: String, _ segment: String?, _ call: Call) async throws -> Response {
        do {
            try RegisteredName.check(name, of: "an orchestrator's name")
        } catch {
            throw Problem.bad(error)
        }
        let wait = try Wait(call.target.query)
        let key = try call.idempotencyKey
        let options = try StartOptions(call.target.query)
        let instance = try instanceID(segment, name, key)
        let body = try await call.request.jsonBody(upTo: configuration.maximumBody)

        let command = Command(
            instance: instance,
            action: .start(try options.request(orchestrator: name, body: body)),
            messageID: key,
            isInteractive: true
        )
        switch try await client.send(command, ordered: false) {
        case .accepted(let instance, _):
            recent.changed(instance)
            return try await answer(instance, wait, call)
        case .rejected(let rejection) where rejection.code == .alreadyExists:
            return try await conflict(instance, rejection)
        case .rejected(let rejection): throw Problem(rejection)
        case .counted, .status, .changes, .instances, .health:
            throw HubUnavailable("the partition answered a different question")
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

    // MARK: POST /instances/{id}/restart

    func restart(_ segment: String, _ call: Call) async throws -> Response {
        let wait = try Wait(call.target.query)
        let key = try call.idempotencyKey
        guard let instance = try? InstanceID(segment) else { throw Problem.nothingToRestart }
        var newID: InstanceID?
        if call.target.query.bool("restartWithNewInstanceId", default: true) {
            let own = call.target.query["newInstanceId"].flatMap { $0.isEmpty ? nil : $0 }
            newID = try instanceID(own, "restart of \(instance)", key)
        }
        let outcome =
            if let newID {
                try await client.restart(instance, as: newID, key: key)
            } else {
                try await send(.restart(as: nil), to: instance, key: key)
            }
        switch outcome {
        case .accepted(let instance, _):
            recent.changed(instance)
            return try await answer(instance, wait, call)
        case .rejected(let rejection) where rejection.code == .unknownInstance: throw Problem.nothingToRestart
        case .rejected(let rejection) where rejection.code == .alreadyExists:
            return try await conflict(newID ?? instance, rejection)
        case .rejected(let rejection): throw Problem(rejection)
        case .counted, .status, .changes, .instances, .health:
            throw HubUnavailable("the partition answered a different question")
        }
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

    /// The output, if the client waits for it and it comes in time; else the links.
    func answer(_ instance: InstanceID, _ wait: Wait?, _ call: Call) async throws -> Response {
        guard let wait else { return accepted(instance, call) }
        let limit = min(wait.timeout, configuration.maximumWait)
        let ended = try await watch(instance, upTo: limit, lookingEvery: wait.pollingInterval, for: call) {
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

extension Problem {
    fileprivate static let nothingToRestart = Problem(
        .badRequest,
        "InstanceId does not match a valid orchestration instance.",
        code: .unknownInstance
    )
}
