public import Foundation
public import RepriseKernel

extension OrchestrationContext {
    /// Calls an entity operation and waits for its result.
    ///
    /// - Throws: ``EntityOperationFailed`` when the operation threw (the entity's state is then unchanged) or no node
    ///   serves such an entity; ``LockingRulesViolation`` within a critical section that does not have the entity, or
    ///   where a call to it is under way.
    public func callEntity<Output: Decodable>(
        _ entity: EntityID,
        _ operation: String,
        _ input: some Encodable,
        returning type: Output.Type = Output.self
    ) async throws -> Output {
        let result = try await perform(operation, input, on: entity)
        return try PayloadCoding.decode(type, from: result, as: "what '\(operation)' returned")
    }

    /// As ``callEntity(_:_:_:returning:)``, for an operation without input.
    public func callEntity<Output: Decodable>(
        _ entity: EntityID,
        _ operation: String,
        returning type: Output.Type = Output.self
    ) async throws -> Output {
        try await callEntity(entity, operation, JSON.null, returning: type)
    }

    /// Calls an entity operation, waits until it is done, and ignores its result.
    public func callEntity(_ entity: EntityID, _ operation: String, _ input: some Encodable) async throws {
        _ = try await perform(operation, input, on: entity)
    }

    /// Signals an entity: sends an operation without waiting for it.
    ///
    /// - Parameter time: the earliest time; at once by default.
    public func signalEntity(
        _ entity: EntityID,
        _ operation: String,
        _ input: some Encodable = JSON.null,
        at time: Date? = nil
    ) throws {
        try RegisteredName.check(operation, of: "an operation's name")
        if let section = session.section, section.entities.contains(entity) {
            throw LockingRulesViolation("an entity that is locked may be called, not signaled: \(entity)")
        }
        let payload = try PayloadCoding.encode(
            input,
            limit: session.limits.bodyBytes,
            as: "the input of '\(operation)'"
        )
        try session.onExecutor("signalEntity") {
            let request = EntityRequest(
                .operation(name: operation, input: payload),
                due: time.map { Timestamp(rounding: $0) }
            )
            session.record(
                .send(SentMessage(id: session.nextID(), to: entity.instance, action: .operate(request)))
            )
        }
    }

    /// Runs `body` while only this orchestration can use `entities`.
    ///
    /// Everyone takes locks in the same order, so that two orchestrations never wait for each other. Within `body`
    /// only these entities may be called, one call to each at a time; no sub-orchestrations, and no lock within a lock.
    /// The locks are released when `body` ends, however it ends, and with the orchestration at the latest.
    ///
    /// - Throws: ``LockingRulesViolation`` within another critical section, or without entities; ``Failure`` of type
    ///   `PayloadTooLarge` for more entities than one message names (their ids have at most 65,536 bytes together); what
    ///   `body` throws.
    public func withLock<Value>(
        on entities: [EntityID],
        _ body: () async throws -> Value
    ) async throws -> Value {
        let sorted = Set(entities).sorted()
        guard !sorted.isEmpty else { throw LockingRulesViolation("a critical section needs an entity to lock") }
        guard session.section == nil else {
            throw LockingRulesViolation("a critical section cannot be entered within another")
        }
        try session.limits.check(lock: sorted)
        let task = try await session.schedule("withLock") {
            let id = session.nextID()
            session.record(
                .scheduleTask(
                    TaskRequest(id: id, name: "lock", input: .null, target: .lock(sorted), firstAttempt: id)
                )
            )
            session.section = LockedEntities(task: id, entities: sorted)
            return id
        }
        defer { release(task, sorted) }
        do {
            _ = try await session.wait(for: task)
        } catch let failure as Failure {
            throw EntityOperationFailed(entity: sorted[0], operation: "lock", failure: failure)
        }
        return try await body()
    }

    /// Also after a cancellation while the lock was on its way: the entity that grants it later learns that it is no
    /// longer wanted.
    private func release(_ task: TaskID, _ entities: [EntityID]) {
        try? session.onExecutor("release") {
            session.section = nil
            let section = CriticalSection(
                instance: instanceID,
                incarnation: session.identity.incarnation,
                lock: LockNumber(task)
            )
            for entity in entities {
                session.record(
                    .send(
                        SentMessage(
                            id: session.nextID(),
                            to: entity.instance,
                            action: .operate(EntityRequest(.unlock, section: section))
                        )
                    )
                )
            }
        }
    }

    /// True within ``withLock(on:_:)``.
    public var isInCriticalSection: Bool { session.section != nil }

    private func perform(_ operation: String, _ input: some Encodable, on entity: EntityID) async throws -> Payload {
        try RegisteredName.check(operation, of: "an operation's name")
        let payload = try PayloadCoding.encode(
            input,
            limit: session.limits.bodyBytes,
            as: "the input of '\(operation)'"
        )
        if let section = session.section {
            guard section.entities.contains(entity) else {
                throw LockingRulesViolation(
                    "within a critical section only what it locked may be called, not \(entity)"
                )
            }
            guard !section.busy.contains(entity) else {
                throw LockingRulesViolation("a call to \(entity) is under way in this critical section")
            }
        }
        let id = try await session.schedule("call") {
            let id = session.nextID()
            let target = TaskTarget.entity(entity, section: session.section.map { LockNumber($0.task) })
            session.record(
                .scheduleTask(
                    TaskRequest(id: id, name: operation, input: payload, target: target, firstAttempt: id)
                )
            )
            session.section?.busy.insert(entity)
            return id
        }
        defer { try? session.onExecutor("call") { _ = session.section?.busy.remove(entity) } }
        do {
            return try await session.wait(for: id)
        } catch let failure as Failure {
            throw EntityOperationFailed(entity: entity, operation: operation, failure: failure)
        }
    }
}

/// The entities a critical section has locked, and which of them is being called.
struct LockedEntities {
    var task: TaskID
    var entities: [EntityID]
    var busy: Set<EntityID> = []
}

/// An entity operation failed; the entity is as it was before.
public struct EntityOperationFailed: Error, Sendable, CustomStringConvertible {
    /// The entity that was called.
    public let entity: EntityID
    /// The operation, as the caller wrote it.
    public let operation: String
    /// What the operation threw.
    public let failure: Failure

    public var description: String { "The operation '\(operation)' of \(entity) failed: \(failure.message)" }
}

/// Code in a critical section did something that is not allowed there.
public struct LockingRulesViolation: Error, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }

    static let subOrchestration = LockingRulesViolation(
        "a critical section must not call sub-orchestrations: they would wait for what it has locked"
    )
}
