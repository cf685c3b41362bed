public import RepriseKernel

extension RepriseClient {
    /// Where an orchestration stands now.
    ///
    /// What this client has just started or changed is seen at once, as far as it goes through one gateway.
    ///
    /// - Throws: ``RepriseClientError``: `unknownInstance` when there is none of this id.
    public func status(of id: InstanceID) async throws -> OrchestrationStatus {
        let answer = try await granted(Self.statusRequest(id), by: [200, 202])
        return try Self.status(answer)
    }

    /// Waits until an orchestration ends, and gives what it returned.
    ///
    /// - Parameter timeout: how long to wait; for ever when nil. The orchestration goes on all the same.
    /// - Throws: ``OrchestrationFailed``, ``OrchestrationTerminated``, ``ResultTimedOut``, or ``RepriseClientError``:
    ///   `unknownInstance` also when it is purged meanwhile.
    public func result<Output: Decodable & Sendable>(
        of id: InstanceID,
        as type: Output.Type = Output.self,
        timeout: Duration? = nil
    ) async throws -> Output {
        let ended = try await withThrowingTaskGroup(of: OrchestrationStatus?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await end(of: id) }
            if let timeout {
                group.addTask {
                    try await clock.sleep(for: timeout)
                    return nil
                }
            }
            return try await group.next() ?? nil
        }
        guard let ended else { throw ResultTimedOut(id: id, timeout: timeout ?? .zero) }
        switch ended.runtimeStatus {
        case .completed: return try ended.result.decoded(as: type, "the output of '\(id)'")
        case .failed: throw OrchestrationFailed(id: id, orchestrator: ended.name, failure: ended.reason)
        default: throw OrchestrationTerminated(id: id, orchestrator: ended.name, reason: ended.reason)
        }
    }

    private func end(of id: InstanceID) async throws -> OrchestrationStatus {
        for try await status in statuses(of: id) where status.isEnded { return status }
        throw RepriseClientError(.unknownInstance, "There is no instance '\(id)' any more", httpStatus: 404)
    }

    static func statusRequest(_ id: InstanceID) -> GatewayRequest { GatewayRequest(.get, "instances", id.value) }

    static func status(_ answer: GatewayAnswer) throws -> OrchestrationStatus {
        guard let status = OrchestrationStatus(try answer.json(), tag: answer.headers["etag"]) else {
            throw answer.unexpected("it is no instance's status")
        }
        return status
    }
}

/// An orchestration whose result was waited for has failed.
public struct OrchestrationFailed: Error, Sendable, Equatable, CustomStringConvertible {
    public let id: InstanceID
    public let orchestrator: String
    /// Its failure in words: type, message and causes.
    public let failure: String

    public init(id: InstanceID, orchestrator: String, failure: String) {
        self.id = id
        self.orchestrator = orchestrator
        self.failure = failure
    }

    public var description: String { "'\(id)' (\(orchestrator)) failed: \(failure)" }
}

/// An orchestration whose result was waited for was terminated.
public struct OrchestrationTerminated: Error, Sendable, Equatable, CustomStringConvertible {
    public let id: InstanceID
    public let orchestrator: String
    /// As text, or JSON where the reason was another value; empty when none was given.
    public let reason: String

    public init(id: InstanceID, orchestrator: String, reason: String) {
        self.id = id
        self.orchestrator = orchestrator
        self.reason = reason
    }

    public var description: String {
        "'\(id)' (\(orchestrator)) was terminated" + (reason.isEmpty ? "" : ": \(reason)")
    }
}

/// An orchestration did not end in the time that its result was waited for. It goes on.
public struct ResultTimedOut: Error, Sendable, Equatable, CustomStringConvertible {
    public let id: InstanceID
    public let timeout: Duration

    public init(id: InstanceID, timeout: Duration) {
        self.id = id
        self.timeout = timeout
    }

    public var description: String { "'\(id)' has not ended within \(timeout)" }
}
