public import Foundation
public import RepriseKernel

/// Starts, controls and observes orchestrations: over HTTP as `RepriseClient`, in memory as `TestHub` of
/// `RepriseTesting`.
///
/// Write code that uses orchestrations against this protocol, and its tests need no broker:
///
/// ```swift
/// func book(_ order: Order, with client: some OrchestrationClient) async throws -> Receipt {
///     let options = StartOptions(ifExists: .use)
///     let booking = try await client.start(Booking.self, order, id: order.number, options: options)
///     return try await booking.result(timeout: .seconds(30))
/// }
/// ```
/// A call that returns has taken effect, and a crash does not undo it. A call that was refused has had no effect. After
/// ``RepriseError/Code/unavailable``, ``RepriseError/Code/unexpectedAnswer`` and an answer that is
/// ``RepriseError/Code/tooLarge`` its effect is unknown: try again with the same id. What went wrong only after the
/// call had taken effect, an in-memory hub reports with codes of its own.
public protocol OrchestrationClient: Sendable {
    /// What ``statuses(of:)`` returns.
    associatedtype StatusSequence: AsyncSequence<OrchestrationStatus, any Error>
    /// What ``changes(of:after:)`` returns.
    associatedtype ChangeSequence: AsyncSequence<OrchestrationChange, any Error>

    // MARK: Orchestrations

    /// Starts an orchestration by its orchestrator's name, and returns its id once that is durable.
    ///
    /// - Parameter id: generated when nil.
    /// - Throws: ``RepriseError``: `unknownOrchestrator`, `alreadyExists`, `invalid`, `tooLarge`.
    @discardableResult
    func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable,
        id: InstanceID?,
        options: StartOptions
    ) async throws -> InstanceID

    /// Raises an external event. It is kept until the orchestrator waits for it; names are compared case-insensitively.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `tooManyPending`.
    func raiseEvent(_ name: String, _ value: some Encodable & Sendable, to id: InstanceID) async throws

    /// Suspends an orchestration: it takes no steps until it is resumed. What arrives for it meanwhile is kept.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `alreadySuspended`.
    func suspend(_ id: InstanceID, reason: String?) async throws

    /// Resumes a suspended orchestration.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `notSuspended`.
    func resume(_ id: InstanceID, reason: String?) async throws

    /// Tells an orchestration's code to clean up; it ends as Canceled when that is done, or when its grace period is over.
    ///
    /// Everything that the code awaits throws `CancellationError`; see
    /// ``OrchestrationContext/isCancellationRequested``. One that has not begun ends at once, one that is suspended is told
    /// when it is resumed, and one that was told before is not told again.
    ///
    /// - Parameters:
    ///   - grace: how long the code may clean up, up to 366 days; as long as its type says when nil.
    ///   - children: also the sub-orchestrations that it waits for, and theirs.
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`; `invalid` for a grace period out of range.
    func cancel(_ id: InstanceID, reason: String?, grace: Duration?, children: Bool) async throws

    /// Ends an orchestration as Terminated, without clean-up.
    ///
    /// - Parameter children: also the sub-orchestrations that it waits for, and theirs.
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`.
    func terminate(_ id: InstanceID, reason: String?, children: Bool) async throws

    /// Resumes a failed orchestration: retries what failed, and nothing else.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended` for one that completed, or was canceled or terminated, `notFailed`.
    func rewind(_ id: InstanceID, reason: String?) async throws

    /// Starts an orchestration again with its original input under another id, and leaves the first as it is.
    ///
    /// - Parameter newID: generated when nil.
    /// - Returns: the id of the new instance.
    /// - Throws: ``RepriseError``: `unknownInstance`; `alreadyExists` when the new id is taken.
    @discardableResult
    func restart(_ id: InstanceID, newID: InstanceID?) async throws -> InstanceID

    /// Restarts an orchestration that has ended, in place: its history is gone.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`; `notEnded` or `alreadyExists` while it runs.
    func restartInPlace(_ id: InstanceID) async throws

    /// Purges an orchestration that has ended, with its history.
    ///
    /// - Parameter children: also the sub-orchestrations that it called, and theirs, where they have ended.
    /// - Throws: ``RepriseError``: `unknownInstance`, `notEnded`.
    func purge(_ id: InstanceID, children: Bool) async throws

    // MARK: Looking on

    /// The current status of an orchestration.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none with this id.
    func status(of id: InstanceID) async throws -> OrchestrationStatus

    /// What has happened to an orchestration since it was started, oldest first; of one that continues as new, since its
    /// last execution began.
    ///
    /// - Parameter payloads: whether inputs and results come along.
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none with this id.
    func history(of id: InstanceID, payloads: Bool) async throws -> [OrchestrationEvent]

    /// The current status of an orchestration, then each change that is visible from here, finally its end. No status
    /// is repeated or goes backwards; of several in quick succession, only the last may be seen. Ends with the
    /// instance.
    func statuses(of id: InstanceID) -> StatusSequence

    /// Every change of an orchestration, each once and in order, from the first or from a revision on, to its end.
    func changes(of id: InstanceID, after revision: Revision?) -> ChangeSequence

    /// Waits until an orchestration ends, in whatever way, and returns its final status.
    ///
    /// - Parameter timeout: how long to wait; forever when nil. The orchestration keeps running either way.
    /// - Throws: ``ResultTimedOut``, or ``RepriseError``: `unknownInstance` also when it is purged meanwhile.
    func end(of id: InstanceID, timeout: Duration?) async throws -> OrchestrationStatus

    // MARK: Entities

    /// Sends an operation to an entity, which performs it once, after what was sent before. Its result is not returned.
    ///
    /// - Parameter time: the earliest time; at once when nil.
    /// - Throws: ``RepriseError``: `invalid` or `unknownEntity` when no entities of that name are served.
    func signal(
        _ entity: EntityID,
        _ operation: String,
        _ input: some Encodable & Sendable,
        at time: Date?
    ) async throws

    /// The state of an entity; nil when it does not exist, or holds null.
    ///
    /// - Throws: ``RepriseError``: `unreadablePayload` when it is not a `Value`.
    func state<Value: Decodable & Sendable>(of entity: EntityID, as type: Value.Type) async throws -> Value?

    /// Deletes an entity once everything sent to it before is done.
    ///
    /// - Throws: ``RepriseError``: as for ``signal(_:_:_:at:)``.
    func delete(_ entity: EntityID) async throws
}
