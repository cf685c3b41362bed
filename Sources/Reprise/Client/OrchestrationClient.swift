public import Foundation
public import RepriseKernel

/// Starts orchestrations, steers them, and tells how they stand: what `RepriseClient` does over HTTP and `TestHub` of
/// `RepriseTesting` in memory.
///
/// Write what uses orchestrations against it, and its tests need no broker:
///
/// ```swift
/// func book(_ order: Order, with client: some OrchestrationClient) async throws -> Receipt {
///     let options = StartOptions(ifExists: .use)
///     let booking = try await client.start(Booking.self, order, id: order.number, options: options)
///     return try await booking.result(timeout: .seconds(30))
/// }
/// ```
/// A call that returns has taken effect, and a crash does not take that back. One that was refused has had none. After
/// ``RepriseError/Code/unavailable``, ``RepriseError/Code/unexpectedAnswer`` and an answer that is
/// ``RepriseError/Code/tooLarge`` nothing is known of it: try again with the same id. What went wrong only after it had
/// taken effect, a hub in memory says by codes of its own.
public protocol OrchestrationClient: Sendable {
    /// What ``statuses(of:)`` gives.
    associatedtype StatusSequence: AsyncSequence<OrchestrationStatus, any Error>
    /// What ``changes(of:after:)`` gives.
    associatedtype ChangeSequence: AsyncSequence<OrchestrationChange, any Error>

    // MARK: Orchestrations

    /// Starts an orchestration by its orchestrator's name, and returns its id once that is durable.
    ///
    /// - Parameter id: drawn when nil.
    /// - Throws: ``RepriseError``: `unknownOrchestrator`, `alreadyExists`, `invalid`, `tooLarge`.
    @discardableResult
    func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable,
        id: InstanceID?,
        options: StartOptions
    ) async throws -> InstanceID

    /// Raises an external event. It is kept until the orchestrator waits for it; names are compared without regard to case.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `tooManyPending`.
    func raiseEvent(_ name: String, _ value: some Encodable & Sendable, to id: InstanceID) async throws

    /// Lets an orchestration take no more steps until it is resumed. What comes for it is kept.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `alreadySuspended`.
    func suspend(_ id: InstanceID, reason: String?) async throws

    /// Lets a suspended orchestration go on.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `notSuspended`.
    func resume(_ id: InstanceID, reason: String?) async throws

    /// Ends an orchestration as Terminated.
    ///
    /// - Parameter children: also the sub-orchestrations that it waits for, and theirs.
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`.
    func terminate(_ id: InstanceID, reason: String?, children: Bool) async throws

    /// Takes a failed orchestration up again: what failed is done anew, nothing else.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended` for one that completed or was terminated, `notFailed`.
    func rewind(_ id: InstanceID, reason: String?) async throws

    /// Starts anew what an orchestration was started with: under another id, and leaves the first as it is.
    ///
    /// - Parameter newID: drawn when nil.
    /// - Returns: the id of the new instance.
    /// - Throws: ``RepriseError``: `unknownInstance`; `alreadyExists` when the new id is taken.
    @discardableResult
    func restart(_ id: InstanceID, newID: InstanceID?) async throws -> InstanceID

    /// Starts an orchestration that has ended anew, in its own place: its history is gone.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`; `notEnded` or `alreadyExists` while it runs.
    func restartInPlace(_ id: InstanceID) async throws

    /// Forgets an orchestration that has ended, with its history.
    ///
    /// - Parameter children: also the sub-orchestrations that it called, and theirs, as far as they have ended.
    /// - Throws: ``RepriseError``: `unknownInstance`, `notEnded`.
    func purge(_ id: InstanceID, children: Bool) async throws

    // MARK: Looking on

    /// Where an orchestration stands now.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none of this id.
    func status(of id: InstanceID) async throws -> OrchestrationStatus

    /// What has happened to an orchestration since it was started, oldest first; of one that continues as new, since its
    /// last execution began.
    ///
    /// - Parameter payloads: whether inputs and results come along.
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none of this id.
    func history(of id: InstanceID, payloads: Bool) async throws -> [OrchestrationEvent]

    /// Where an orchestration stands, then each change that can be seen from here, at last its end. None is told twice or
    /// goes back; of several that follow in a moment, the last may be all that is seen. Ends with the instance.
    func statuses(of id: InstanceID) -> StatusSequence

    /// Every change of an orchestration, each once and in order, from the first or from a revision on, to its end.
    func changes(of id: InstanceID, after revision: Revision?) -> ChangeSequence

    /// Waits until an orchestration ends, however it does, and says where it stands then.
    ///
    /// - Parameter timeout: how long to wait; for ever when nil. The orchestration goes on all the same.
    /// - Throws: ``ResultTimedOut``, or ``RepriseError``: `unknownInstance` also when it is purged meanwhile.
    func end(of id: InstanceID, timeout: Duration?) async throws -> OrchestrationStatus

    // MARK: Entities

    /// Sends an operation to an entity, which does it once, behind what was sent before; nobody waits for its result.
    ///
    /// - Parameter time: not before; at once when nil.
    /// - Throws: ``RepriseError``: `invalid` or `unknownEntity` when no entities of that name are served.
    func signal(
        _ entity: EntityID,
        _ operation: String,
        _ input: some Encodable & Sendable,
        at time: Date?
    ) async throws

    /// What an entity holds; nil when it does not exist, or holds null.
    ///
    /// - Throws: ``RepriseError``: `unreadablePayload` when it is no `Value`.
    func state<Value: Decodable & Sendable>(of entity: EntityID, as type: Value.Type) async throws -> Value?

    /// Lets an entity be no more, once what was sent to it before is done.
    ///
    /// - Throws: ``RepriseError``: as for ``signal(_:_:_:at:)``.
    func delete(_ entity: EntityID) async throws
}
