public import Foundation
import RepriseKernel

extension OrchestrationContext {
    /// A durable timer: waits for `duration` of recorded time, through crashes and restarts; never early.
    ///
    /// - Throws: `CancellationError` when the calling task is canceled; the timer then leaves no trace except its
    ///   creation.
    public func sleep(for duration: Duration) async throws {
        try await sleep(until: session.now + duration)
    }

    /// A durable timer that fires at `time`; at once when that has passed.
    public func sleep(until time: Date) async throws {
        try await sleep(until: Timestamp(rounding: time))
    }

    private func sleep(until fireAt: Timestamp) async throws {
        let id = try await session.schedule("sleep") {
            let id = session.nextID()
            session.record(.createTimer(id, fireAt: fireAt))
            return id
        }
        _ = try await session.wait(for: id, abandoning: .cancelTimer(id))
    }

    /// Waits for an external event and reads its data.
    ///
    /// Names are compared case-insensitively. Events that arrive early are kept and taken in order of arrival; when
    /// several tasks wait for one name, the newest wait gets the event.
    ///
    /// - Throws: ``Failure`` of type `UnreadablePayload` when the data is not a `Value`; the event is then used up.
    public func waitForEvent<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) async throws -> Value {
        try RegisteredName.check(name, of: "an event's name")
        let payload = try await session.waitForEvent(name)
        return try PayloadCoding.decode(type, from: payload, as: "the data of event '\(name)'")
    }

    /// Waits for an external event, but no longer than `timeout`.
    ///
    /// - Throws: ``EventTimeout`` when it did not come in time; an event that comes later is kept for a later wait.
    public func waitForEvent<Value: Decodable & Sendable>(
        _ name: String,
        as type: Value.Type = Value.self,
        timeout: Duration
    ) async throws -> Value {
        let raced = try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await waitForEvent(name, as: type) }
            group.addTask {
                try await sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let raced else { throw EventTimeout(event: name, timeout: timeout) }
        return raced
    }
}

/// An external event did not come in time.
public struct EventTimeout: Error, Sendable, CustomStringConvertible {
    /// The name of the event.
    public let event: String
    /// How long the wait lasted.
    public let timeout: Duration
    public var description: String { "Event '\(event)' was not received in \(timeout)." }
}
