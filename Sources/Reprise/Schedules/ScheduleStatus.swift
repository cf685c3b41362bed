public import Foundation

/// What a schedule says about itself, as its custom status.
public struct ScheduleStatus: Codable, Sendable, Equatable {
    /// When the next start is due; nil when there are no more, and while it is paused.
    public var nextStart: Date?
    /// When the next starts are due, up to five; none while it is paused.
    public var nextStarts: [Date]
    /// When the last start was due.
    public var lastStart: Date?
    /// The id of the instance that was started last.
    public var lastInstance: String?
    /// How many starts there have been.
    public var count: Int
    /// How many starts the overlap policy or the window for catching up has left out; a run that leaves out more than a
    /// thousand counts as a thousand.
    public var skipped: Int
    /// The last ten runs, newest last.
    public var runs: [Run]
    /// The ids of those that are known to run: none where they may overlap, since it waits for none then.
    public var running: [String]
    /// Whether it is paused.
    public var isPaused: Bool
    /// What was said when it was paused, unpaused or created.
    public var note: String?
    /// Why the last run that it waited for did not complete.
    public var lastFailure: String?

    /// One start.
    public struct Run: Codable, Sendable, Equatable {
        /// When it was due; for a trigger, when that came.
        public var due: Date
        /// The id of its instance.
        public var instance: String
        /// Why it was started.
        public var cause: Cause
    }

    /// Why a schedule has started something.
    public enum Cause: String, Codable, Sendable {
        /// Its time had come.
        case time
        /// A ``Schedule/Trigger``.
        case trigger
        /// A ``Schedule/Backfill``.
        case backfill
    }

    init(_ schedule: Schedule, nextStarts: [Date] = [], running: [String] = []) {
        nextStart = nextStarts.first
        self.nextStarts = nextStarts
        lastStart = schedule.record.last
        lastInstance = schedule.record.runs.last?.instance
        count = schedule.record.count
        skipped = schedule.record.skipped
        runs = schedule.record.runs
        self.running = running
        isPaused = schedule.isPaused
        note = schedule.note
        lastFailure = schedule.record.lastFailure
    }

    /// Reads also what a schedule of the first release said.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        nextStart = try values.decodeIfPresent(Date.self, forKey: .nextStart)
        nextStarts = try values.decodeIfPresent([Date].self, forKey: .nextStarts) ?? nextStart.map { [$0] } ?? []
        lastStart = try values.decodeIfPresent(Date.self, forKey: .lastStart)
        lastInstance = try values.decodeIfPresent(String.self, forKey: .lastInstance)
        count = try values.decode(Int.self, forKey: .count)
        skipped = try values.decodeIfPresent(Int.self, forKey: .skipped) ?? 0
        runs = try values.decodeIfPresent([Run].self, forKey: .runs) ?? []
        running = try values.decodeIfPresent([String].self, forKey: .running) ?? []
        isPaused = try values.decodeIfPresent(Bool.self, forKey: .isPaused) ?? false
        note = try values.decodeIfPresent(String.self, forKey: .note)
        lastFailure = try values.decodeIfPresent(String.self, forKey: .lastFailure)
    }
}
