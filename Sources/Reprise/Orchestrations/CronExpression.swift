package import Foundation
package import RepriseKernel

/// The five fields of a cron expression, over UTC.
package struct CronExpression: Equatable, Sendable {
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    /// When both a day of the month and a day of the week are given, either is enough, as in every cron.
    private let takesEitherDay: Bool

    /// - Throws: ``Failure`` of type `InvalidSchedule` that names the field.
    package init(_ text: String) throws(Failure) {
        let fields = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == 5 else {
            throw Failure.invalidSchedule(
                "a cron expression has five fields (minute, hour, day, month, weekday); '\(text.prefix(80))' has \(fields.count)"
            )
        }
        minutes = try Self.values(fields[0], 0...59, "minute")
        hours = try Self.values(fields[1], 0...23, "hour")
        days = try Self.values(fields[2], 1...31, "day of the month")
        months = try Self.values(fields[3], 1...12, "month")
        weekdays = Set(try Self.values(fields[4], 0...7, "day of the week").map { $0 % 7 })
        takesEitherDay = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
        guard takesEitherDay || days.contains(where: isInSomeMonth) else {
            throw Failure.invalidSchedule(
                "'\(text.prefix(80))' never occurs: none of its months has such a day"
            )
        }
    }

    private func isInSomeMonth(_ day: Int) -> Bool {
        months.contains { month in day <= (month == 2 ? 29 : [4, 6, 9, 11].contains(month) ? 30 : 31) }
    }

    private static func values(
        _ field: String,
        _ range: ClosedRange<Int>,
        _ what: String
    ) throws(Failure) -> Set<Int> {
        var values: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let bounds = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
            let step = pieces.count == 2 ? Int(pieces[1]) : 1
            let span: ClosedRange<Int>?
            switch (pieces[0], bounds.count, bounds[0], bounds.count == 2 ? bounds[1] : nil) {
            case ("*", _, _, _): span = range
            case (_, 1, let value?, _): span = pieces.count == 2 ? value...max(value, range.upperBound) : value...value
            case (_, 2, let low?, let high?) where low <= high: span = low...high
            default: span = nil
            }
            guard let span, let step, step > 0, range.contains(span.lowerBound), range.contains(span.upperBound) else {
                throw Failure.invalidSchedule(
                    "the \(what) of a cron expression is from \(range.lowerBound) to \(range.upperBound); '\(field)' is not"
                )
            }
            values.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
        }
        return values
    }

    /// The first matching time after `date`; nil when there is none in the next forty years (a February 29 that is a
    /// Monday can be that rare), or when the calendar ends first.
    package func next(after date: Date) -> Date? {
        guard date > .distantPast, date < .endOfCalendar else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        // To the next whole minute.
        let seconds = (date.timeIntervalSince1970 / 60).rounded(.down) * 60 + 60
        var day = calendar.startOfDay(for: Date(timeIntervalSince1970: seconds))
        let first = Int((seconds - day.timeIntervalSince1970) / 60)
        var earliest = first
        for _ in 0..<14_640 {
            let parts = calendar.dateComponents([.day, .month, .weekday], from: day)
            if earliest < 1_440, fits(parts) {
                for minute in earliest..<1_440 where hours.contains(minute / 60) && minutes.contains(minute % 60) {
                    let time = day.addingTimeInterval(Double(minute * 60))
                    return time < .endOfCalendar ? time : nil
                }
            }
            earliest = 0
            day = day.addingTimeInterval(86_400)
        }
        return nil
    }

    private func fits(_ parts: DateComponents) -> Bool {
        guard let day = parts.day, let month = parts.month, let weekday = parts.weekday, months.contains(month) else {
            return false
        }
        let (isDay, isWeekday) = (days.contains(day), weekdays.contains(weekday - 1))
        return takesEitherDay ? isDay || isWeekday : isDay && isWeekday
    }
}
