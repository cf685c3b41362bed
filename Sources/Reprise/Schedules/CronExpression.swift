package import Foundation
package import RepriseKernel

/// The five fields of a cron expression, over the clocks of a time zone.
package struct CronExpression: Equatable, Sendable {
    /// After midnight, in order.
    private let minutesOfDay: [Int]
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    /// When both a day of the month and a day of the week are given, either is enough, as in every cron.
    private let takesEitherDay: Bool
    /// It names its times of day. One that says `*` of minutes or hours keeps its pace instead when clocks are set.
    private let isAtFixedTimes: Bool

    /// - Throws: ``Failure`` of type `InvalidSchedule` that names the field.
    package init(_ text: String) throws(Failure) {
        var fields = text.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
        if fields.count == 1, fields[0].hasPrefix("@") {
            guard let meant = Self.shorthands[fields[0]] else {
                throw Failure.invalidSchedule(
                    "there is no '\(text.prefix(80))'; there are \(Self.shorthands.keys.sorted().joined(separator: ", "))"
                )
            }
            fields = meant.split(separator: " ").map(String.init)
        }
        guard fields.count == 5 else {
            throw Failure.invalidSchedule(
                "a cron expression has five fields (minute, hour, day, month, weekday); '\(text.prefix(80))' has \(fields.count)"
            )
        }
        let minutes = try Self.values(fields[0], 0...59, "minute").sorted()
        minutesOfDay = try Self.values(fields[1], 0...23, "hour").sorted().flatMap { hour in
            minutes.map { hour * 60 + $0 }
        }
        days = try Self.values(fields[2], 1...31, "day of the month")
        months = try Self.values(fields[3], 1...12, "month", names: Self.monthNames)
        weekdays = Set(try Self.values(fields[4], 0...7, "day of the week", names: Self.dayNames).map { $0 % 7 })
        takesEitherDay = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
        isAtFixedTimes = !fields[0].hasPrefix("*") && !fields[1].hasPrefix("*")
        guard takesEitherDay || days.contains(where: isInSomeMonth) else {
            throw Failure.invalidSchedule(
                "'\(text.prefix(80))' never occurs: none of its months has such a day"
            )
        }
    }

    private static let shorthands = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]
    private static let monthNames = [
        "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
        "dec": 12,
    ]
    private static let dayNames = ["sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6]

    private func isInSomeMonth(_ day: Int) -> Bool {
        months.contains { month in day <= (month == 2 ? 29 : [4, 6, 9, 11].contains(month) ? 30 : 31) }
    }

    private static func values(
        _ field: String,
        _ range: ClosedRange<Int>,
        _ what: String,
        names: [String: Int] = [:]
    ) throws(Failure) -> Set<Int> {
        var values: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let bounds = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                .map { names[String($0)] ?? Int($0) }
            let step = pieces.count == 2 ? Int(pieces[1]) : 1
            let span: ClosedRange<Int>?
            switch (pieces[0], bounds.count, bounds[0], bounds.count == 2 ? bounds[1] : nil) {
            case ("*", _, _, _): span = range
            case (_, 1, let value?, _): span = pieces.count == 2 ? value...max(value, range.upperBound) : value...value
            case (_, 2, let low?, let high?) where low <= high: span = low...high
            default: span = nil
            }
            guard let span, let step, step > 0, range.contains(span.lowerBound), range.contains(span.upperBound) else {
                let words =
                    names.isEmpty
                    ? "" : ", or \(names.sorted { $0.value < $1.value }.map(\.key).joined(separator: ", "))"
                throw Failure.invalidSchedule(
                    "the \(what) of a cron expression is from \(range.lowerBound) to \(range.upperBound)\(words); '\(field)' is not"
                )
            }
            values.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
        }
        return values
    }

    /// The first matching time after `date`; nil when there is none in the next forty years (a February 29 that is a
    /// Monday can be that rare), or when the calendar ends first.
    package func next(after date: Date, in zone: ZoneRules = .utc) -> Date? {
        guard date > .beginOfTimes, date < .endOfCalendar else { return nil }
        let now = Int64(date.timeIntervalSince1970.rounded(.down))
        // What the clocks leave out of a day may come on the next.
        let today = TimeText.floor(now + Int64(zone.offset(at: now)), 86_400)
        for day in today - 2..<today + 14_640 where fits(day) {
            if let time = firstTime(of: day, after: now, zone) {
                let found = Date(timeIntervalSince1970: Double(time))
                return found < .endOfCalendar ? found : nil
            }
        }
        return nil
    }

    private func firstTime(of day: Int64, after now: Int64, _ zone: ZoneRules) -> Int64? {
        let midnight = day * 86_400
        let offsets = zone.offsets(around: midnight).union(zone.offsets(around: midnight + 86_400))
        if isAtFixedTimes, offsets.count > 1 {
            return minutesOfDay.map { time(showing: midnight + Int64($0) * 60, zone) }.filter { $0 > now }.min()
        }
        return offsets.compactMap { offset in
            minutesOfDay.lazy.map { midnight + Int64($0) * 60 - Int64(offset) }
                .first { $0 > now && (offsets.count == 1 || zone.offset(at: $0) == offset) }
        }
        .min()
    }

    /// What comes of a time of day where clocks are set: cron's own rules, since Vixie.
    private func time(showing local: Int64, _ zone: ZoneRules) -> Int64 {
        zone.times(showing: local).first ?? zone.endOfGap(around: local)
    }

    private func fits(_ date: Int64) -> Bool {
        let (_, month, day) = TimeText.civil(date)
        guard months.contains(Int(month)) else { return false }
        let (isDay, isWeekday) = (days.contains(Int(day)), weekdays.contains(Int(CalendarDay.weekday(date))))
        return takesEitherDay ? isDay || isWeekday : isDay && isWeekday
    }
}

extension Date {
    /// Long before anything that a schedule may say, and near enough to calculate with.
    fileprivate static let beginOfTimes = Date(timeIntervalSince1970: -1e12)
}
