public import RepriseKernel

extension OrchestrationClient {
    /// Where an orchestration stands now; see ``status(of:)-(InstanceID)``.
    public func status(of id: some InstanceIDConvertible) async throws -> OrchestrationStatus {
        try await status(of: try id.checkedID())
    }

    /// Where an orchestration stands, then each change that can be seen from here; see ``statuses(of:)-(InstanceID)``.
    public func statuses(of id: some InstanceIDConvertible) throws -> StatusSequence {
        statuses(of: try id.checkedID())
    }

    /// Every change of an orchestration from the first on; see ``changes(of:after:)-(InstanceID,_)``.
    public func changes(of id: InstanceID) -> ChangeSequence { changes(of: id, after: nil) }

    /// Every change of an orchestration, from the first or from a revision on; see ``changes(of:after:)-(InstanceID,_)``.
    public func changes(of id: some InstanceIDConvertible, after revision: Revision? = nil) throws -> ChangeSequence {
        changes(of: try id.checkedID(), after: revision)
    }

    /// Waits until an orchestration ends, and returns its output.
    ///
    /// - Parameter timeout: how long to wait; forever when nil. The orchestration keeps running either way.
    /// - Throws: ``OrchestrationFailed``, ``OrchestrationCanceled``, ``OrchestrationTerminated``, ``ResultTimedOut``, or
    ///   ``RepriseError``: `unknownInstance` also when it is purged meanwhile.
    @discardableResult
    public func result<Output: Decodable & Sendable>(
        of id: some InstanceIDConvertible,
        as type: Output.Type = Output.self,
        timeout: Duration? = nil
    ) async throws -> Output {
        let id: InstanceID = try id.checkedID()
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
        case .canceled: throw OrchestrationCanceled(id: id, orchestrator: ended.name, reason: ended.reason)
        default: throw OrchestrationTerminated(id: id, orchestrator: ended.name, reason: ended.reason)
        }
    }

    /// Waits until an orchestration ends, for as long as that takes unless told otherwise, and says where it stands then;
    /// see ``end(of:timeout:)-(InstanceID,_)``.
    @discardableResult
    public func end(
        of id: some InstanceIDConvertible,
        timeout: Duration? = nil
    ) async throws -> OrchestrationStatus {
        try await end(of: try id.checkedID(), timeout: timeout)
    }

    /// Whether there is an orchestration with this id.
    ///
    /// - Throws: ``RepriseError`` when that cannot be determined.
    public func exists(_ id: some InstanceIDConvertible) async throws -> Bool {
        do {
            _ = try await status(of: try id.checkedID())
            return true
        } catch let error as RepriseError where error.code == .unknownInstance {
            return false
        }
    }
}
