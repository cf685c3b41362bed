import RepriseKernel

/// How a zone's clocks are set in every year to come, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule: Equatable, Sendable {
    private let standard: Int
    private let summer: Summer?

    private struct Summer: Equatable {
        let offset: Int
        let begin: YearDay
        let end: YearDay
    }

    /// Nil for what is not such a text.
    init?(_ text: String) {
        var reader = RuleReader(rest: Array(text.utf8)[...])
        guard reader.takeName(), let west = reader.takeTime() else { return nil }
        standard = -west
        guard !reader.rest.isEmpty else {
            summer = nil
            return
        }
        guard reader.takeName() else { return nil }
        let offset = reader.rest.first == 0x2C ? standard + 3_600 : reader.takeTime().map { -$0 }
        guard let offset, reader.take(","), let begin = reader.takeDay(), reader.take(","), let end = reader.takeDay(),
            reader.rest.isEmpty
        else { return nil }
        summer = Summer(offset: offset, begin: begin, end: end)
    }

    func offset(at time: Int64) -> Int {
        guard let summer else { return standard }
        let year = TimeText.civil(TimeText.floor(time + Int64(standard), 86_400)).year
        let begin = summer.begin.second(of: year) - Int64(standard)
        let end = summer.end.second(of: year) - Int64(summer.offset)
        // In the south summer is over the turn of the year.
        let isSummer = begin < end ? begin <= time && time < end : !(end <= time && time < begin)
        return isSummer ? summer.offset : standard
    }
}

/// A moment of every year.
private struct YearDay: Equatable {
    enum Day: Equatable {
        /// The nth weekday of a month (0: Sunday); the fifth is the last.
        case weekday(month: Int64, nth: Int64, day: Int64)
        /// From 1 to 365: February 29 is not counted.
        case number(Int64)
        /// From 0 to 365.
        case index(Int64)
    }

    let day: Day
    /// After midnight, in seconds; may be beyond that day.
    let time: Int

    /// Seconds since 1970, by the clocks of the zone.
    func second(of year: Int64) -> Int64 {
        let days: Int64
        switch day {
        case .weekday(let month, let nth, let day):
            let first = TimeText.days(year, month, 1)
            let next = month == 12 ? TimeText.days(year + 1, 1, 1) : TimeText.days(year, month + 1, 1)
            let ahead = (day - CalendarDay.weekday(first) + 7) % 7
            let wanted = first + ahead + (nth - 1) * 7
            days = wanted < next ? wanted : wanted - 7
        case .number(let number):
            let isLeap = TimeText.days(year, 3, 1) - TimeText.days(year, 2, 1) == 29
            days = TimeText.days(year, 1, 1) + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .index(let index): days = TimeText.days(year, 1, 1) + index
        }
        return days * 86_400 + Int64(time)
    }
}

private struct RuleReader {
    var rest: ArraySlice<UInt8>

    mutating func take(_ character: Character) -> Bool {
        guard rest.first == character.asciiValue else { return false }
        rest.removeFirst()
        return true
    }

    /// `CET`, or `<+03>`.
    mutating func takeName() -> Bool {
        if take("<") {
            rest = rest.drop { $0 != 0x3E }
            return take(">")
        }
        let letters = rest.prefix { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
        rest = rest.dropFirst(letters.count)
        return letters.count >= 3
    }

    mutating func takeNumber(_ range: ClosedRange<Int64>) -> Int64? {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        let number = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        return range.contains(number) ? number : nil
    }

    /// `5`, `-5:30`, `+1:00:00`: seconds.
    mutating func takeTime() -> Int? {
        let sign: Int64 = take("-") ? -1 : 1
        if sign == 1 { _ = take("+") }
        guard let hours = takeNumber(0...167) else { return nil }
        var seconds = hours * 3_600
        if take(":") {
            guard let minutes = takeNumber(0...59) else { return nil }
            seconds += minutes * 60
            if take(":") {
                guard let more = takeNumber(0...59) else { return nil }
                seconds += more
            }
        }
        return Int(sign * seconds)
    }

    /// `M3.5.0/2`, `J60`, `59`.
    mutating func takeDay() -> YearDay? {
        let day: YearDay.Day
        if take("M") {
            guard let month = takeNumber(1...12), take("."), let nth = takeNumber(1...5), take("."),
                let weekday = takeNumber(0...6)
            else { return nil }
            day = .weekday(month: month, nth: nth, day: weekday)
        } else if take("J") {
            guard let number = takeNumber(1...365) else { return nil }
            day = .number(number)
        } else {
            guard let index = takeNumber(0...365) else { return nil }
            day = .index(index)
        }
        guard take("/") else { return YearDay(day: day, time: 7_200) }
        return takeTime().map { YearDay(day: day, time: $0) }
    }
}

/// A day, counted from 1970.
enum CalendarDay {
    /// Sunday is 0.
    static func weekday(_ day: Int64) -> Int64 { ((day + 4) % 7 + 7) % 7 }
}
