public import Foundation
public import Reprise
import RepriseEngine
public import RepriseKernel

/// One event of an instance's history, for people.
public struct HistoryEntry: Sendable, Hashable, CustomStringConvertible {
    /// Its number, from 1.
    public let number: Int
    /// The simulated time of its step.
    public let time: Date
    /// What happened, without payloads: `call activity 'SayHello' (#1)`.
    public let summary: String

    public var description: String { summary }
}

extension TestHub {
    /// The status of an instance.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none with this id.
    public func status(of id: InstanceID) throws -> OrchestrationStatus { try found(id) }

    /// Now, without letting anyone else at the hub.
    func found(_ id: InstanceID) throws -> OrchestrationStatus {
        guard let status = try find(id) else { throw unknown(id) }
        return OrchestrationStatus(status)
    }

    func find(_ id: InstanceID) throws -> InstanceStatus? {
        guard case .status(let status, _) = try ask(.status(id, history: false), about: id) else { return nil }
        return status
    }

    nonisolated func unknown(_ id: InstanceID) -> RepriseError {
        RepriseError(.unknownInstance, "there is no instance '\(id)'")
    }

    /// Everything that observers have received about an instance so far, oldest first, including earlier instances with
    /// its id. It does not wait; ``changes(of:after:)`` continues to the end.
    public func observedChanges(of id: some InstanceIDConvertible) throws -> [OrchestrationChange] {
        machine.observed.changes(of: try id.checkedID())
    }

    /// As ``observedChanges(of:)-(InstanceIDConvertible)``, of an entity.
    public func observedChanges(of entity: EntityID) -> [OrchestrationChange] {
        machine.observed.changes(of: entity.instance)
    }

    /// The custom statuses of an instance, oldest first. One that was cleared is null: read it `as:` an optional type.
    ///
    /// - Throws: ``RepriseError``: `unreadablePayload` when one is not a `Value`.
    public func customStatuses<Value: Decodable & Sendable>(
        of id: some InstanceIDConvertible,
        as type: Value.Type = Value.self
    ) throws -> [Value] {
        let id: InstanceID = try id.checkedID()
        var values: [Value] = []
        for change in try observedChanges(of: id) where change.kind == .customStatusSet {
            values.append(try change.customStatusPayload.decoded(as: type, "a custom status of '\(id)'"))
        }
        return values
    }

    /// The progress that activities of an instance have reported, oldest first. Observers receive it when the activity
    /// has returned, since no simulated time passes before.
    public func reportedProgress(of id: some InstanceIDConvertible) throws -> [ActivityProgress] {
        machine.observed.progress(of: try id.checkedID())
    }

    /// What has happened to an instance since its present generation began, as a gateway tells it.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none with this id.
    public func history(of id: InstanceID, payloads: Bool) throws -> [OrchestrationEvent] {
        HistoryPayload(showInput: payloads, showOutput: payloads).events(try recorded(id).records)
            .compactMap { OrchestrationEvent(JSONView(Payload(trusted: $0.bytes))) }
    }

    /// All that is recorded of an instance's present generation, in the words of ``ReplayDifference`` and with its numbers.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none with this id.
    public func historyEntries(of id: some InstanceIDConvertible) throws -> [HistoryEntry] {
        try recorded(try id.checkedID()).records.enumerated().map { index, record in
            HistoryEntry(number: index + 1, time: record.time.date, summary: record.event.summary)
        }
    }

    /// The history of an instance's current generation, as `reprise history --json` exports it: for a ``ReplayTester``.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none with this id.
    public func exportHistory(of id: some InstanceIDConvertible) throws -> Data {
        Data(HistoryJSON.encode(try recorded(try id.checkedID())))
    }

    /// Messages that could not be processed, in the order they became dead letters.
    public var deadLetters: [DeadLetterNote] { machine.observed.deadLetters }

    private func recorded(_ id: InstanceID) throws -> RecordedHistory {
        guard case .status(let status?, let history) = try ask(.status(id, history: true), about: id) else {
            throw unknown(id)
        }
        return RecordedHistory(instance: id, incarnation: status.incarnation, records: history)
    }
}
