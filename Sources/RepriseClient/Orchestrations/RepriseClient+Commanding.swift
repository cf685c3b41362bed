import Foundation
import Reprise
public import RepriseKernel

extension RepriseClient {
    /// Raises an external event. It is kept until the orchestrator waits for it; names are compared case-insensitively.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `tooManyPending`.
    public func raiseEvent(
        _ name: String,
        _ value: some Encodable & Sendable,
        to id: InstanceID
    ) async throws {
        var request = GatewayRequest(.post, "instances", id.value, "raiseEvent", name)
        request.body = try Payload.encoded(value, "the event '\(name)'")
        _ = try await granted(request, by: [202])
    }

    /// Tells an orchestration's code to clean up; it ends as Canceled when that is done, or when its grace period is over.
    ///
    /// - Parameters:
    ///   - grace: how long the code may clean up, up to 366 days; as long as its type says when nil.
    ///   - children: also the sub-orchestrations that it waits for, and theirs.
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`; `invalid` for a grace period out of range.
    public func cancel(_ id: InstanceID, reason: String?, grace: Duration?, children: Bool) async throws {
        var query = children ? [(name: "recursive", value: "true")] : []
        if let grace { query.append(("gracePeriod", "\(grace / .seconds(1))")) }
        try await order("cancel", id, reason, query)
    }

    /// Ends an orchestration as Terminated.
    ///
    /// - Parameter children: also the sub-orchestrations that it waits for, and theirs.
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`.
    public func terminate(_ id: InstanceID, reason: String?, children: Bool) async throws {
        try await order("terminate", id, reason, children ? [("recursive", "true")] : [])
    }

    /// Suspends an orchestration: it takes no steps until it is resumed. What arrives for it meanwhile is kept.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `alreadySuspended`.
    public func suspend(_ id: InstanceID, reason: String?) async throws {
        try await order("suspend", id, reason)
    }

    /// Resumes a suspended orchestration.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `notSuspended`.
    public func resume(_ id: InstanceID, reason: String?) async throws {
        try await order("resume", id, reason)
    }

    /// Resumes a failed orchestration: retries what failed, and nothing else.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended` for one that completed, or was canceled or terminated, `notFailed`.
    public func rewind(_ id: InstanceID, reason: String?) async throws {
        try await order("rewind", id, reason)
    }

    /// Sends again what an orchestration waits for, with the same keys, in case the broker has lost it.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`.
    public func resend(_ id: some InstanceIDConvertible) async throws {
        try await order("resend", try id.checkedID(), nil)
    }

    private func order(
        _ verb: String,
        _ id: InstanceID,
        _ reason: String?,
        _ query: [(name: String, value: String)] = []
    ) async throws {
        var request = GatewayRequest(.post, "instances", id.value, verb)
        request.query = query
        // Quoted when the text would otherwise be JSON: the gateway would take it for the value.
        if let reason { request.query.append(("reason", Payload.string(reason).text)) }
        _ = try await granted(request, by: [202])
    }

    /// Starts an orchestration again with its original input under another id, and leaves the first as it is.
    ///
    /// - Parameter newID: generated when nil.
    /// - Returns: the id of the new instance.
    /// - Throws: ``RepriseError``: `unknownInstance`; `alreadyExists` when the new id is taken.
    @discardableResult
    public func restart(_ id: InstanceID, newID: InstanceID?) async throws -> InstanceID {
        try await restart(id, [("newInstanceId", newID?.value)])
    }

    /// Restarts an orchestration that has ended, in place: its history is gone.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`; `notEnded` or `alreadyExists` while it runs.
    public func restartInPlace(_ id: InstanceID) async throws {
        _ = try await restart(id, [("restartWithNewInstanceId", "false")])
    }

    private func restart(_ id: InstanceID, _ query: [(name: String, value: String?)]) async throws -> InstanceID {
        var request = GatewayRequest(.post, "instances", id.value, "restart")
        request.query = query.compactMap { name, value in value.map { (name, $0) } }
        return try Self.accepted(try await granted(request, by: [202]))
    }

    /// Purges an orchestration that has ended, with its history.
    ///
    /// - Parameter children: also the sub-orchestrations that it called, and theirs, where they have ended.
    /// - Throws: ``RepriseError``: `unknownInstance`, `notEnded`.
    public func purge(_ id: InstanceID, children: Bool) async throws {
        var request = GatewayRequest(.delete, "instances", id.value)
        if children { request.query.append(("recursive", "true")) }
        _ = try await granted(request, by: [200])
    }

    /// Purges every matching orchestration that has ended.
    ///
    /// The request is sent only once: a second attempt would not count what the first had purged.
    ///
    /// - Parameter children: also the sub-orchestrations that they called, and theirs, where they have ended.
    /// - Returns: how many matched and were purged.
    /// - Throws: ``RepriseError``: `unavailable` when some may be left; repeat the call to purge them.
    @discardableResult
    public func purge(matching filter: InstanceFilter, children: Bool = false) async throws -> Int {
        var request = GatewayRequest(.delete, "instances")
        request.isRepeatable = false
        request.query = filter.query(beginning: Date(timeIntervalSince1970: 0))
        if children { request.query.append(("recursive", "true")) }
        let answer = try await granted(request, by: [200, 404])
        guard answer.status == 200 else { return 0 }
        guard let count = try answer.json().members?["instancesDeleted"]?.integer.flatMap(Int.init(exactly:)) else {
            throw answer.unexpected("it contains no number")
        }
        return count
    }
}
