import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus
import ServiceLifecycle

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
            if let wait, let ended = try await end(of: instance, within: wait) {
                return result(of: ended, call)
            }
            return accepted(instance, call)
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
        var body = JSONObject()
        body.add("Message", Problem.sentence(rejection.reason))
        if let existing = try await client.status(of: instance)?.status { body.addStatus(existing, showInput: true) }
        return .json(.conflict, body.bytes)
    }

    // MARK: Waiting for the end

    private func result(of status: InstanceStatus, _ call: Call) -> Response {
        if status.runtimeStatus == .completed { return .json(.ok, status.output.bytes) }
        let fails =
            status.runtimeStatus == .failed
            && call.target.query.bool("returnInternalServerErrorOnFailure", default: false)
        return .json(fails ? .internalServerError : .ok, JSONObject(status, showInput: true).bytes)
    }

    /// - Returns: nil when the time is up first, or the gateway shuts down: the instance has been accepted all the same.
    private func end(of instance: InstanceID, within wait: Wait) async throws -> InstanceStatus? {
        let changes = model.changes(of: instance)
        let limit = min(wait.timeout, configuration.maximumWait)
        let interval = max(min(wait.pollingInterval, limit), .milliseconds(50))
        do {
            return try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup(of: InstanceStatus?.self) { group in
                    group.addTask {
                        if let status = try await ended(instance) { return status }
                        for await _ in changes {
                            if let status = try await ended(instance) { return status }
                        }
                        throw CancellationError()
                    }
                    group.addTask {
                        var left = limit
                        while left > .zero {
                            let pause = min(left, interval)
                            try await clock.sleep(for: pause)
                            left -= pause
                            if let status = try await ended(instance) { return status }
                        }
                        return nil
                    }
                    defer { group.cancelAll() }
                    return try await group.next() ?? nil
                }
            }
        } catch is CancellationError {
            return nil
        }
    }

    private func ended(_ instance: InstanceID) async throws -> InstanceStatus? {
        do {
            guard let status = try await current(instance), status.runtimeStatus.isEnded else { return nil }
            return status
        } catch is HubUnavailable {
            return nil
        }
    }
}

/// `timeout` and `pollingInterval`, in seconds; a start waits only where it has both.
private struct Wait {
    var timeout: Duration
    var pollingInterval: Duration

    init?(_ query: QueryParameters) throws(Problem) {
        let timeout = try Self.seconds("timeout", query)
        let interval = try Self.seconds("pollingInterval", query)
        guard let timeout, let interval else { return nil }
        guard interval <= timeout else {
            throw Problem(.badRequest, "The timeout must not be shorter than the pollingInterval")
        }
        self.timeout = .seconds(timeout)
        pollingInterval = .seconds(interval)
    }

    private static func seconds(_ name: String, _ query: QueryParameters) throws(Problem) -> Double? {
        guard let text = query[name], !text.isEmpty else { return nil }
        guard let value = Double(text), value.isFinite, (0...1e9).contains(value) else {
            throw Problem(.badRequest, "The value of '\(name)' is not a number of seconds")
        }
        return value == 0 ? nil : value
    }
}
