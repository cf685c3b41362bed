import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel

extension Gateway {
    /// Sends a command to a partition that may not know the instance yet.
    ///
    /// A command that goes straight to the partition may overtake a start on its way through the intake: before an
    /// instance counts as unknown, the same command goes through the intake once, after everything sent before.
    func send(
        _ action: Command.Action,
        to instance: InstanceID,
        key: String?
    ) async throws(HubUnavailable) -> Answer {
        let command = Command(instance: instance, action: action, messageID: key, isInteractive: true)
        let answer = try await client.send(command, ordered: false)
        guard case .rejected(let rejection) = answer, rejection.code == .unknownInstance else { return answer }
        return try await client.send(command, ordered: true)
    }

    /// - Returns: for an event, the events that the instance waits for instead.
    @discardableResult
    func deliver(_ action: Command.Action, to instance: InstanceID, key: String?) async throws -> [String] {
        switch try await send(action, to: instance, key: key) {
        case .accepted(_, let events):
            recent.changed(instance)
            return events
        case .counted:
            recent.changed(instance)
            return []
        case .rejected(let rejection): throw Problem(rejection)
        case .status, .changes, .instances, .health:
            throw HubUnavailable("the partition answered a different question")
        }
    }

    // MARK: POST /instances/{id}/cancel, terminate, suspend, resume, rewind, resend

    func order(_ action: Command.Action, _ segment: String, _ call: Call) async throws -> Response {
        guard let instance = try? InstanceID(segment) else { throw Problem.noInstance(segment) }
        try await deliver(action, to: instance, key: call.idempotencyKey)
        return Response(status: .accepted)
    }

    // MARK: POST /instances/{id}/raiseEvent/{name}

    func raise(_ event: String, to segment: String, _ call: Call) async throws -> Response {
        guard let instance = try? InstanceID(segment) else { throw Problem.noInstance(segment) }
        let payload: Payload
        do {
            try RegisteredName.check(event, of: "an event's name")
            payload = try await eventData(call)
        } catch let error as InvalidName {
            throw try await unlessGone(instance, Problem.bad(error))
        } catch let problem as Problem where problem.status == .badRequest {
            throw try await unlessGone(instance, problem)
        }
        let awaited = try await deliver(.raiseEvent(name: event, payload), to: instance, key: call.idempotencyKey)
        guard !awaited.isEmpty else { return Response(status: .accepted) }
        var body = JSONObject()
        body.add("instanceId", instance.value)
        body.add("waitingFor", texts: awaited)
        return .json(.accepted, body.bytes)
    }

    private func eventData(_ call: Call) async throws -> Payload {
        guard call.request.saysJSON else {
            throw Problem(.badRequest, "Only application/json request content is supported")
        }
        let bytes = try await call.request.wholeBody(upTo: configuration.maximumBody)
        guard !bytes.isEmpty, let payload = try? Payload(checking: bytes) else {
            throw Problem(.badRequest, "Invalid JSON content")
        }
        return payload
    }

    /// An invalid event matters only to an instance that could accept it.
    private func unlessGone(_ instance: InstanceID, _ problem: Problem) async throws -> Problem {
        guard let status = try await client.status(of: instance)?.status else { return .noInstance(instance.value) }
        guard status.runtimeStatus.isEnded else { return problem }
        return Problem(
            Rejection(.ended, "instance '\(instance)' has ended: \(status.runtimeStatus.rawValue)")
        )
    }
}
