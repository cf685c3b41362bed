public import RepriseKernel

extension OrchestrationClient {
    /// Waits until an orchestration ends, and gives what it returned.
    ///
    /// - Parameter timeout: how long to wait; for ever when nil. The orchestration goes on all the same.
    /// - Throws: ``OrchestrationFailed``, ``OrchestrationTerminated``, ``ResultTimedOut``, or ``RepriseError``:
    ///   `unknownInstance` also when it is purged meanwhile.
    public func result<Output: Decodable & Sendable>(
        of id: InstanceID,
        as type: Output.Type = Output.self,
        timeout: Duration? = nil
    ) async throws -> Output {
        let ended = try await end(of: id, timeout: timeout)
        switch ended.runtimeStatus {
        case .completed: return try ended.outputPayload.decoded(as: type, "the output of '\(id)'")
        case .failed:
            throw OrchestrationFailed(
                id: id,
                orchestrator: ended.name,
                reason: ended.reason,
                failure: ended.failure
            )
        default: throw OrchestrationTerminated(id: id, orchestrator: ended.name, reason: ended.reason)
        }
    }

    /// Waits until an orchestration ends, for as long as that takes, and says where it stands then.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` also when it is purged meanwhile.
    @discardableResult
    public func end(of id: InstanceID) async throws -> OrchestrationStatus { try await end(of: id, timeout: nil) }

    /// Every change of an orchestration from the first on; see ``changes(of:after:)``.
    public func changes(of id: InstanceID) -> ChangeSequence { changes(of: id, after: nil) }

    /// Whether there is an orchestration of this id.
    ///
    /// - Throws: ``RepriseError`` when that cannot be found out.
    public func exists(_ id: InstanceID) async throws -> Bool {
        do {
            _ = try await status(of: id)
            return true
        } catch let error as RepriseError where error.code == .unknownInstance {
            return false
        }
    }
}
