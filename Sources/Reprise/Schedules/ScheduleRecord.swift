import Foundation

/// What a schedule remembers from start to start.
struct ScheduleRecord: Codable, Sendable, Equatable {
    /// How often it has started.
    var count = 0
    /// How many starts its overlap policy or its window has left out.
    var skipped = 0
    /// When the last start was due.
    var last: Date?
    /// When it was first due, in seconds since 1970: with its fraction, since the interval counts from it.
    var first: Double?
    /// The time that it sleeps for, until it is dealt with.
    var due: Date?
    /// Whether that had come while something ran: then no window counts.
    var isKept = false
    /// Whatever was due until then has been dealt with.
    var passed: Date?
    /// When a trigger came that has started nothing yet.
    var trigger: Date?
    /// When the last trigger came, as its instance is named.
    var triggered: Date?
    /// What it still has to fill.
    var backfills: [Schedule.Backfill] = []
    /// The newest last.
    var runs: [ScheduleStatus.Run] = []
    /// Why the last run that it waited for did not complete.
    var lastFailure: String?

    /// The largest count that every JSON reader can represent, and that no schedule will ever reach.
    static let maximumStarts = 1 << 53
    /// How many runs it names.
    private static let runsKept = 10

    mutating func note(_ run: ScheduleStatus.Run) {
        count += 1
        if run.cause != .backfill { last = run.due }
        runs = runs.suffix(Self.runsKept - 1) + [run]
    }
}
