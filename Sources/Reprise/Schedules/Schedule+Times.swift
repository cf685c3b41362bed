package import Foundation
package import RepriseKernel

extension Schedule {
    /// Refuses an id from which no start of the schedule could be named.
    package static func check(id: InstanceID) throws(Failure) {
        let most = InstanceID.maximumLength - "@2026-11-29T01:02:03.456Z".count
        guard id.value.utf16.count <= most else {
            throw Failure.invalidSchedule(
                """
                the id of a schedule may have \(most) characters, as its instances are named <id>@<time>; this one has \
                \(id.value.utf16.count)
                """
            )
        }
    }

    /// - Throws: ``Failure`` of type `InvalidSchedule` that says what is wrong with it.
    package func check() throws(Failure) {
        do {
            try RegisteredName.check(name, of: "an orchestrator's name")
        } catch {
            throw Failure.invalidSchedule(error.reason)
        }
        guard (0...ScheduleRecord.maximumStarts).contains(record.count) else {
            throw Failure.invalidSchedule("'count' is from 0 to \(ScheduleRecord.maximumStarts), not \(record.count)")
        }
        if let startAt, !(startAt < .endOfCalendar) {
            throw Failure.invalidSchedule("'startAt' must be before the year 10000")
        }
        try Self.check(jitterSeconds, 0...604_800, "jitterSeconds")
        try Self.check(catchUpSeconds, 10...315_576_000, "catchUpSeconds")
        try Self.check(everySeconds, 1...3_155_760_000, "everySeconds")
        if let note, note != Self.cut(note) {
            throw Failure.invalidSchedule("'note' has at most \(Self.maximumNote) bytes, not \(note.utf8.count)")
        }
        guard (cron == nil) != (everySeconds == nil) else {
            throw Failure.invalidSchedule("a schedule has either 'cron' or 'everySeconds'")
        }
        guard cron != nil || timeZone == nil else {
            throw Failure.invalidSchedule("'timeZone' is that of 'cron': an interval has none")
        }
    }

    private static let maximumNote = 1_000

    /// As much of a note as there is room for.
    static func cut(_ note: String) -> String {
        var note = note
        while note.utf8.count > maximumNote { note = String(note.prefix(max(maximumNote, note.count / 2)).dropLast()) }
        return note
    }

    private static func check(_ seconds: Double?, _ range: ClosedRange<Double>, _ name: String) throws(Failure) {
        guard let seconds, !range.contains(seconds) else { return }
        throw Failure.invalidSchedule(
            "'\(name)' is from \(Int(range.lowerBound)) to \(Int(range.upperBound)), not \(seconds)"
        )
    }

    /// When it is due next, before any jitter; nil when it is over.
    ///
    /// - Throws: ``Failure`` of type `InvalidSchedule` that says what is wrong with it.
    package func next(after now: Date) throws(Failure) -> Date? {
        try ScheduleTimes(self).next(after: now)
    }
}

/// The times of a schedule, of which the expression and the zone are read once.
struct ScheduleTimes {
    private let schedule: Schedule
    private let expression: CronExpression?
    private let zone: ZoneRules
    /// When an interval was first due, in seconds since 1970.
    var first: Double?

    /// - Throws: ``Failure`` of type `InvalidSchedule` that says what is wrong with it.
    init(_ schedule: Schedule) throws(Failure) {
        try schedule.check()
        self.schedule = schedule
        first = schedule.record.first ?? schedule.record.last?.timeIntervalSince1970
        zone = if let name = schedule.timeZone { try ZoneDatabase.rules(of: name) } else { .utc }
        expression = if let cron = schedule.cron { try CronExpression(cron) } else { nil }
    }

    func next(after now: Date) -> Date? {
        let due: Date?
        if let expression {
            due = expression.next(after: max(now, schedule.startAt?.addingTimeInterval(-1) ?? now), in: zone)
        } else if let first, let seconds = schedule.everySeconds {
            // In step with the first start, however late this one is.
            let passed = max(-1, ((now.timeIntervalSince1970 - first) / seconds).rounded(.down))
            let time = Date(timeIntervalSince1970: first + seconds * (passed + 1))
            // The quotient of two times may be a little less than whole.
            due = time > now ? time : Date(timeIntervalSince1970: first + seconds * (passed + 2))
        } else {
            due = max(schedule.startAt ?? now, now)
        }
        guard let due, due < .endOfCalendar, schedule.endAt.map({ due <= $0 }) ?? true else { return nil }
        return due
    }

    /// When to start what is due at `time`: the same for an id and a time, whoever asks.
    func start(of time: Date, id: InstanceID) -> Date {
        guard let jitter = schedule.jitterSeconds, jitter > 0 else { return time }
        let room = next(after: time).map { min(jitter, $0.timeIntervalSince(time)) } ?? jitter
        var hash = FNV1a()
        hash.combine(id.value.utf8)
        hash.combine(UInt64(bitPattern: Int64(time.timeIntervalSince1970 * 1000)))
        var generator = SeededGenerator(seed: hash.value)
        let part = Double(generator.next() >> 11) / Double(1 << 53)
        // Whole milliseconds, as timers are.
        return time.addingTimeInterval((room * part * 1000).rounded(.down) / 1000)
    }

    /// The next starts after `time`, itself included where it is due.
    func starts(from due: Date?, _ count: Int, id: InstanceID) -> [Date] {
        var times: [Date] = []
        var next = due
        while let time = next, times.count < count {
            times.append(start(of: time, id: id))
            next = self.next(after: time)
        }
        return times
    }
}

extension Failure {
    static func invalidSchedule(_ message: String) -> Failure {
        Failure(type: "InvalidSchedule", message: message, isNonRetriable: true)
    }
}
