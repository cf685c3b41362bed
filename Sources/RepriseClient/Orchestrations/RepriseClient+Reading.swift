public import Reprise
public import RepriseKernel

extension RepriseClient {
    /// The current status of an orchestration.
    ///
    /// What this client has just started or changed is visible at once, as long as it uses a single gateway.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none with this id.
    public func status(of id: InstanceID) async throws -> OrchestrationStatus {
        let answer = try await granted(Self.statusRequest(id), by: [200, 202])
        return try Self.status(answer)
    }

    /// Waits until an orchestration ends, in whatever way, and returns its final status.
    ///
    /// - Parameter timeout: how long to wait; forever when nil. The orchestration keeps running either way.
    /// - Throws: ``ResultTimedOut``, or ``RepriseError``: `unknownInstance` also when it is purged meanwhile.
    @discardableResult
    public func end(of id: InstanceID, timeout: Duration?) async throws -> OrchestrationStatus {
        let ended = try await withThrowingTaskGroup(of: OrchestrationStatus?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await lastStatus(of: id) }
            if let timeout {
                group.addTask {
                    try await clock.sleep(for: timeout)
                    return nil
                }
            }
            return try await group.next() ?? nil
        }
        guard let ended else { throw ResultTimedOut(id: id, timeout: timeout ?? .zero) }
        return ended
    }

    private func lastStatus(of id: InstanceID) async throws -> OrchestrationStatus {
        for try await status in statuses(of: id) where status.isEnded { return status }
        throw RepriseError(.unknownInstance, "Instance '\(id)' no longer exists", httpStatus: 404)
    }

    static func statusRequest(_ id: InstanceID) -> GatewayRequest { GatewayRequest(.get, "instances", id.value) }

    static func status(_ answer: GatewayAnswer) throws -> OrchestrationStatus {
        guard let status = OrchestrationStatus(try answer.json(), tag: answer.headers["etag"]) else {
            throw answer.unexpected("it is not the status of an instance")
        }
        return status
    }
}
