public import Foundation
package import RepriseKernel

/// Starts an orchestration repeatedly: at a fixed interval, or at the times that a cron expression gives.
///
/// A schedule is an orchestration like any other (of the orchestrator `Reprise.Schedule`, which every node has): it
/// sleeps until the next time, starts, and continues as new. So it is suspended, resumed, terminated and inspected like
/// any other, and its custom status says what it started last and when the next start is due.
///
/// If starts were missed while no node was running, one is made up for and the rest are skipped. The instances it
/// starts are named `<schedule>@<time>`, so that none is ever started twice.
public struct Schedule: Codable, Sendable, Equatable {
    /// The orchestrator that every node has: start it with a schedule as its input.
    public static let orchestrator = "Reprise.Schedule"

    /// Five fields: minute, hour, day of the month, month, day of the week (0 to 7, Sunday is both). Each is `*`, numbers,
    /// ranges `a-b`, steps `*/n`, or a list of these. Times are UTC.
    public var cron: String?
    /// Or a pause between two starts, in seconds.
    public var everySeconds: Double?
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
    /// The largest count that every JSON reader can represent, and that no schedule will ever reach.
    private static let maximumStarts = 1 << 53
    /// How often it has started; counted on from generation to generation.
    var count: Int
    /// When it was due last.
    var last: Date?
    /// When it was first due, in seconds since 1970: with its fraction, since the interval counts from it.
    var first: Double?

    /// A schedule: give either `cron` or `everySeconds`. One that breaks the rules fails when it is started.
    public init(
        cron: String? = nil,
        everySeconds: Double? = nil,
        name: String,
        input: JSON = .null,
        tags: [String: String] = [:],
        version: String? = nil,
        startAt: Date? = nil,
        endAt: Date? = nil
    ) {
        self.cron = cron
        self.everySeconds = everySeconds
        self.name = name
        self.input = input
        self.tags = tags
        self.version = version
        self.startAt = startAt
        self.endAt = endAt
        count = 0
    }

    private enum CodingKeys: String, CodingKey {
        case cron, everySeconds, name, input, tags, version, startAt, endAt, count, last, first
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try Self.checkNames(decoder)
        self.init(
            cron: try values.decodeIfPresent(String.self, forKey: .cron),
            everySeconds: try values.decodeIfPresent(Double.self, forKey: .everySeconds),
            name: try values.decode(String.self, forKey: .name),
            input: try values.decodeIfPresent(JSON.self, forKey: .input) ?? .null,
            tags: try values.decodeIfPresent([String: String].self, forKey: .tags) ?? [:],
            version: try values.decodeIfPresent(String.self, forKey: .version),
            startAt: try values.decodeIfPresent(Date.self, forKey: .startAt),
            endAt: try values.decodeIfPresent(Date.self, forKey: .endAt)
        )
        count = try values.decodeIfPresent(Int.self, forKey: .count) ?? 0
        last = try values.decodeIfPresent(Date.self, forKey: .last)
        first = try values.decodeIfPresent(Double.self, forKey: .first)
    }

    /// A schedule with a misspelled member would not be the one that was meant.
    private static func checkNames(_ decoder: any Decoder) throws {
        let names = try decoder.container(keyedBy: AnyName.self).allKeys.map(\.stringValue)
        guard let unknown = names.sorted().first(where: { CodingKeys(stringValue: $0) == nil }) else { return }
        let known = "cron, everySeconds, name, input, tags, version, startAt, endAt"
        let context = DecodingError.Context(
            codingPath: decoder.codingPath,
            debugDescription: "a schedule has no '\(unknown.prefix(60))', it has \(known); its times are UTC;"
        )
        throw DecodingError.dataCorrupted(context)
    }

    private struct AnyName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Refuses an id from which no start of the schedule could be named.
    package static func check(id: InstanceID) throws(Failure) {
        let most = InstanceID.maximumLength - "@2026-11-29T01:02:03Z".count
        guard id.value.utf16.count <= most else {
            throw Failure.invalidSchedule(
                """
                the id of a schedule may have \(most) characters, as its instances are named <id>@<time>; this one has \
                \(id.value.utf16.count)
                """
            )
        }
    }

    /// When it is due next; nil when it is over.
    ///
    /// - Throws: ``Failure`` of type `InvalidSchedule` that says what is wrong with it.
    package func next(after now: Date) throws(Failure) -> Date? {
        try RegisteredName.checked(name)
        guard (0...Self.maximumStarts).contains(count) else {
            throw Failure.invalidSchedule("'count' is from 0 to \(Self.maximumStarts), not \(count)")
        }
        if let startAt, !(startAt < .endOfCalendar) {
            throw Failure.invalidSchedule("'startAt' must be before the year 10000")
        }
        let due: Date
        switch (cron, everySeconds) {
        case (let cron?, nil):
            let expression = try CronExpression(cron)
            let from = max(now, startAt?.addingTimeInterval(-1) ?? now)
            guard let time = expression.next(after: last.map { max($0, from) } ?? from) else { return nil }
            due = time
        case (nil, let seconds?):
            guard seconds.isFinite, (1...3_155_760_000).contains(seconds) else {
                throw Failure.invalidSchedule("'everySeconds' is from 1 to 3155760000, not \(seconds)")
            }
            if let first = first ?? last?.timeIntervalSince1970 {
                // In step with the first start, however late this turn is; what was missed meanwhile is skipped.
                let passed = max(0, ((now.timeIntervalSince1970 - first) / seconds).rounded(.down))
                due = Date(timeIntervalSince1970: first + seconds * (passed + 1))
            } else {
                due = max(startAt ?? now, now)
            }
        default:
            throw Failure.invalidSchedule("a schedule has either 'cron' or 'everySeconds'")
        }
        if let endAt, due > endAt { return nil }
        return due
    }
}

/// What a schedule says about itself.
public struct ScheduleStatus: Codable, Sendable, Equatable {
    /// When the next start is due; nil when there are no more.
    public var nextStart: Date?
    /// When the last start was due.
    public var lastStart: Date?
    /// The id of the instance that was started last.
    public var lastInstance: String?
    /// How many starts there have been.
    public var count: Int
}

/// The orchestrator behind ``Schedule``.
package struct Scheduler: Orchestrator {
    package static let name = Schedule.orchestrator

    package init() {}

    package func run(_ context: OrchestrationContext, input: Schedule) async throws -> ScheduleStatus {
        var schedule = input
        try Schedule.check(id: context.instanceID)
        var status = ScheduleStatus(lastStart: schedule.last, count: schedule.count)
        if let last = schedule.last { status.lastInstance = try id(of: last, context).value }
        guard let due = try schedule.next(after: context.currentTime) else {
            status.nextStart = nil
            try context.setCustomStatus(status)
            return status
        }
        status.nextStart = due
        try context.setCustomStatus(status)
        if due > context.currentTime { try await context.sleep(until: due) }
        try context.startOrchestrator(
            schedule.name,
            schedule.input,
            id: try id(of: due, context),
            version: schedule.version,
            tags: schedule.tags
        )
        schedule.last = due
        schedule.first = schedule.first ?? due.timeIntervalSince1970
        schedule.count += 1
        try context.continueAsNew(schedule)
    }

    private func id(of time: Date, _ context: OrchestrationContext) throws -> InstanceID {
        try InstanceID("\(context.instanceID)@\(time.formatted(.iso8601))")
    }
}

extension Date {
    /// Times as text have years of four digits.
    static let beginOfCalendar = Date(timeIntervalSince1970: -62_167_219_200)
    static let endOfCalendar = Date(timeIntervalSince1970: 253_402_300_800)
}

extension Failure {
    static func invalidSchedule(_ message: String) -> Failure {
        Failure(type: "InvalidSchedule", message: message, isNonRetriable: true)
    }
}

extension RegisteredName {
    fileprivate static func checked(_ name: String) throws(Failure) {
        do {
            try check(name, of: "an orchestrator's name")
        } catch {
            throw Failure.invalidSchedule(error.reason)
        }
    }
}
