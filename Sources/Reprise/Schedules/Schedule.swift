public import Foundation

/// Starts an orchestration repeatedly: at a fixed interval, or at the times that a cron expression gives.
///
/// ```swift
/// let nightly = Schedule(cron: "0 2 * * *", overlap: .skip, name: Welcome.name, input: "night owl")
/// try await hub.start(Schedule.orchestrator, nightly, id: "nightly")
/// ```
/// A schedule is an orchestration like any other (of the orchestrator `Reprise.Schedule`, which every node has). Its
/// custom status, a ``ScheduleStatus``, says what it started last and when the next starts are due; the events
/// ``Pause``, ``Unpause``, ``Trigger`` and ``Backfill`` control it. Suspending it stops all that, too.
///
/// The instances it starts are named `<schedule>@<time>` by the time they were due, in UTC, so that none is ever started
/// twice. With any ``overlap`` but ``Overlap/allowAll`` they are its sub-orchestrations.
///
/// **Where clocks are set** it does as cron does. An expression that names its times of day (`30 2 * * *`) starts once on
/// each of its days: a time that clocks leave out is made up for as soon as they have been set forward, and a time that
/// they show twice counts the first time. One that says `*` of minutes or hours (`*/20 * * * *`) keeps its pace: it does
/// not start at times left out, and starts at each of those shown twice.
public struct Schedule: Codable, Sendable, Equatable {
    /// The orchestrator that every node has: start it with a schedule as its input.
    public static let orchestrator = "Reprise.Schedule"

    /// Five fields: minute, hour, day of the month, month, day of the week (0 to 7, Sunday is both). Each is `*`, numbers,
    /// ranges `a-b`, steps `*/n`, or a list of these; months and days may be named (`jan`, `mon-fri`). Or `@hourly`,
    /// `@daily`, `@weekly`, `@monthly`, `@yearly`.
    public var cron: String?
    /// The zone whose clocks the expression means, as the tz database names it (`Europe/Berlin`). UTC by default.
    public var timeZone: String?
    /// Or a pause between two starts, in seconds.
    public var everySeconds: Double?
    /// What happens to a start that is due while what was started before still runs. It starts, by default.
    public var overlap: Overlap
    /// Each start is put off by up to this many seconds, but never beyond the next: by how much is drawn from the id and
    /// the time, and so the same on every node. None by default.
    public var jitterSeconds: Double?
    /// Starts missed while no node was running are made up for if they were due no more than this many seconds ago, from
    /// 10 on; older ones are not. By default the one that was waited for is made up for, however late, and no other.
    public var catchUpSeconds: Double?
    /// What is started.
    public var name: String
    /// What each start passes.
    public var input: JSON
    /// What each instance is tagged with.
    public var tags: [String: String]
    /// The version of the code that each instance runs on; the nodes' own when nil.
    public var version: String?
    /// The earliest start; at once by default.
    public var startAt: Date?
    /// The latest start; no limit by default.
    public var endAt: Date?
    /// Whether it lets the times pass without a start, until it is unpaused.
    public var isPaused: Bool
    /// Why it is paused, or whatever people should know.
    public var note: String?
    /// What it remembers from start to start.
    var record = ScheduleRecord()

    /// A schedule: give either `cron` or `everySeconds`. One that breaks the rules fails when it is started.
    public init(
        cron: String? = nil,
        timeZone: String? = nil,
        everySeconds: Double? = nil,
        overlap: Overlap = .allowAll,
        jitterSeconds: Double? = nil,
        catchUpSeconds: Double? = nil,
        name: String,
        input: JSON = .null,
        tags: [String: String] = [:],
        version: String? = nil,
        startAt: Date? = nil,
        endAt: Date? = nil,
        isPaused: Bool = false,
        note: String? = nil
    ) {
        self.cron = cron
        self.timeZone = timeZone
        self.everySeconds = everySeconds
        self.overlap = overlap
        self.jitterSeconds = jitterSeconds
        self.catchUpSeconds = catchUpSeconds
        self.name = name
        self.input = input
        self.tags = tags
        self.version = version
        self.startAt = startAt
        self.endAt = endAt
        self.isPaused = isPaused
        self.note = note
    }

    /// What happens to a start that is due while what the schedule started before still runs.
    public enum Overlap: String, Codable, Sendable, CaseIterable {
        /// It is left out.
        case skip
        /// One waits until nothing runs any more; those beyond it are left out.
        case bufferOne
        /// It starts beside what runs.
        case allowAll
        /// What runs is canceled, and may clean up; once it has ended, the start follows.
        case cancelOther
        /// What runs is terminated; then the start follows.
        case terminateOther
    }
}

extension Schedule {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case cron, timeZone, everySeconds, overlap, jitterSeconds, catchUpSeconds, name, input, tags, version, startAt
        case endAt, isPaused, note
        // What people do not give.
        case count, last, first, record
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let known = CodingKeys.allCases.map(\.rawValue)
        try decoder.checkMembers(known, of: "a schedule", named: known.dropLast(4))
        self.init(
            cron: try values.decodeIfPresent(String.self, forKey: .cron),
            timeZone: try values.decodeIfPresent(String.self, forKey: .timeZone),
            everySeconds: try values.decodeIfPresent(Double.self, forKey: .everySeconds),
            overlap: try values.decodeIfPresent(Overlap.self, forKey: .overlap) ?? .allowAll,
            jitterSeconds: try values.decodeIfPresent(Double.self, forKey: .jitterSeconds),
            catchUpSeconds: try values.decodeIfPresent(Double.self, forKey: .catchUpSeconds),
            name: try values.decode(String.self, forKey: .name),
            input: try values.decodeIfPresent(JSON.self, forKey: .input) ?? .null,
            tags: try values.decodeIfPresent([String: String].self, forKey: .tags) ?? [:],
            version: try values.decodeIfPresent(String.self, forKey: .version),
            startAt: try values.decodeIfPresent(Date.self, forKey: .startAt),
            endAt: try values.decodeIfPresent(Date.self, forKey: .endAt),
            isPaused: try values.decodeIfPresent(Bool.self, forKey: .isPaused) ?? false,
            note: try values.decodeIfPresent(String.self, forKey: .note)
        )
        record = try values.decodeIfPresent(ScheduleRecord.self, forKey: .record) ?? ScheduleRecord()
        // The first release kept these beside the rest.
        record.count = try values.decodeIfPresent(Int.self, forKey: .count) ?? record.count
        record.last = try values.decodeIfPresent(Date.self, forKey: .last) ?? record.last
        record.first = try values.decodeIfPresent(Double.self, forKey: .first) ?? record.first
    }

    /// Writes what was given, and what it remembers once there is any.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encodeIfPresent(cron, forKey: .cron)
        try values.encodeIfPresent(timeZone, forKey: .timeZone)
        try values.encodeIfPresent(everySeconds, forKey: .everySeconds)
        if overlap != .allowAll { try values.encode(overlap, forKey: .overlap) }
        try values.encodeIfPresent(jitterSeconds, forKey: .jitterSeconds)
        try values.encodeIfPresent(catchUpSeconds, forKey: .catchUpSeconds)
        try values.encode(name, forKey: .name)
        if input != .null { try values.encode(input, forKey: .input) }
        if !tags.isEmpty { try values.encode(tags, forKey: .tags) }
        try values.encodeIfPresent(version, forKey: .version)
        try values.encodeIfPresent(startAt, forKey: .startAt)
        try values.encodeIfPresent(endAt, forKey: .endAt)
        if isPaused { try values.encode(isPaused, forKey: .isPaused) }
        try values.encodeIfPresent(note, forKey: .note)
        if record != ScheduleRecord() { try values.encode(record, forKey: .record) }
    }
}
