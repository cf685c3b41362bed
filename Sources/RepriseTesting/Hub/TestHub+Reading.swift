public import Foundation
import Reprise
import RepriseEngine
public import RepriseKernel

/// One event of an instance's history, for people.
public struct HistoryEntry: Sendable, Hashable, CustomStringConvertible {
    /// Its place, from 1.
    public let number: Int
    /// The simulated time of its step.
    public let time: Date
    /// What happened, without payloads: `call activity 'SayHello' (#1)`.
    public let summary: String

    public var description: String { summary }
}

extension TestHub {
    /// Where an instance stands.
    ///
    /// - Throws: ``TestHubError``: `unknownInstance` when there is none of this id.
    public func status(of id: InstanceID) throws -> InstanceSnapshot {
        guard case .status(let status?, _) = try ask(.status(id, history: false), about: id) else {
            throw TestHubError(.unknownInstance, "there is no instance '\(id)'")
        }
        return InstanceSnapshot(status)
    }

    /// Whether there is an instance of this id.
    public func exists(_ id: InstanceID) throws -> Bool {
        guard case .status(.some, _) = try ask(.status(id, history: false), about: id) else { return false }
        return true
    }

    /// All that observers were told of an instance, oldest first, former instances of its id included.
    public func statuses(of id: InstanceID) -> [StatusChange] { machine.observed.changes(of: id) }

    /// As ``statuses(of:)-(InstanceID)``, of an entity.
    public func statuses(of entity: EntityID) -> [StatusChange] { machine.observed.changes(of: entity.instance) }

    /// The custom statuses of an instance, oldest first. One that was cleared is null: read it `as:` an optional type.
    ///
    /// - Throws: ``TestHubError``: `unreadablePayload` when one is no `Value`.
    public func customStatuses<Value: Decodable & Sendable>(
        of id: InstanceID,
        as type: Value.Type = Value.self
    ) throws -> [Value] {
        var values: [Value] = []
        for change in statuses(of: id) where change.kind == .customStatusSet {
            values.append(try change.value(as: type))
        }
        return values
    }

    /// What activities have said of their progress, for an instance, oldest first. Observers hear it when the activity has
    /// returned, since until then no simulated time passes.
    public func progress(of id: InstanceID) -> [ProgressNote] { machine.observed.progress(of: id) }

    /// The history of an instance's present generation.
    ///
    /// - Throws: ``TestHubError``: `unknownInstance` when there is none of this id.
    public func history(of id: InstanceID) throws -> [HistoryEntry] {
        try recorded(id).records.enumerated().map { index, record in
            HistoryEntry(number: index + 1, time: record.time.date, summary: record.event.summary)
        }
    }

    /// The history of an instance's present generation, as `reprise history --json` exports it: for a ``ReplayTester``.
    ///
    /// - Throws: ``TestHubError``: `unknownInstance` when there is none of this id.
    public func exportHistory(of id: InstanceID) throws -> Data {
        Data(HistoryJSON.encode(try recorded(id)))
    }

    /// Messages that nobody could use, in the order they were put aside.
    public var deadLetters: [DeadLetterNote] { machine.observed.deadLetters }

    private func recorded(_ id: InstanceID) throws -> RecordedHistory {
        guard case .status(let status?, let history) = try ask(.status(id, history: true), about: id) else {
            throw TestHubError(.unknownInstance, "there is no instance '\(id)'")
        }
        return RecordedHistory(instance: id, incarnation: status.incarnation, records: history)
    }
}
