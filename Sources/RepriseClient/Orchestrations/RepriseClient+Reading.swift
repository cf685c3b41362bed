public import Reprise
public import RepriseKernel

extension RepriseClient {
    /// Where an orchestration stands now.
    ///
    /// What this client has just started or changed is seen at once, as far as it goes through one gateway.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none of this id.
    public func status(of id: InstanceID) async throws -> OrchestrationStatus {
        let answer = try await granted(Self.statusRequest(id), by: [200, 202])
        return try Self.status(answer)
    }

    /// Waits until an orchestration ends, however it does, and says where it stands then.
    ///
    /// - Parameter timeout: how long to wait; for ever when nil. The orchestration goes on all the same.
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
        throw RepriseError(.unknownInstance, "There is no instance '\(id)' any more", httpStatus: 404)
    }

    static func statusRequest(_ id: InstanceID) -> GatewayRequest { GatewayRequest(.get, "instances", id.value) }

    static func status(_ answer: GatewayAnswer) throws -> OrchestrationStatus {
        guard let status = OrchestrationStatus(try answer.json(), tag: answer.headers["etag"]) else {
            throw answer.unexpected("it is no instance's status")
        }
        return status
    }
}
