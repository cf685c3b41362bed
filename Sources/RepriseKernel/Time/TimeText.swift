/// Times as people and other programs write and read them: ISO 8601, in UTC.
package enum TimeText {
    /// `2019-10-06T18:30:24Z`
    package static func seconds(_ time: Timestamp) -> String { date(time) + "Z" }

    /// `2019-10-06T18:30:24.123Z`
    package static func milliseconds(_ time: Timestamp) -> String {
        let part = time.milliseconds % 1000
        return date(time) + "." + padded(part < 0 ? part + 1000 : part, 3) + "Z"
    }

    private static func date(_ time: Timestamp) -> String {
        let seconds = floor(time.milliseconds, 1000)
        let days = floor(seconds, 86_400)
        let second = seconds - days * 86_400
        let (year, month, day) = civil(days)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// `a / b`, rounded down also below zero.
    package static func floor(_ a: Int64, _ b: Int64) -> Int64 { a % b < 0 ? a / b - 1 : a / b }

    // The proleptic Gregorian calendar, counted from 0000-03-01 so that the leap day is the last of its year.

    /// The date of a number of days since 1970.
    package static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }

    /// How many days after 1970 a date is.
    package static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floor(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// How to round a time between two milliseconds.
    package enum Rounding { case up, down }

    /// Reads `2019-10-06`, `2019-10-06T18:30`, seconds and fractions of any length, and `Z`, `+02:00`, `+0200` or
    /// nothing (which means UTC) at the end. A blank stands for `T`, and for an unescaped `+`.
    package static func parse(_ text: String, rounding: Rounding) -> Timestamp? {
        guard let (seconds, digits) = parts(text) else { return nil }
        let milliseconds = digits.utf8.prefix(3).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        let scale: Int64 = digits.utf8.count > 2 ? 1 : digits.utf8.count == 2 ? 10 : 100
        let isBetween = digits.utf8.dropFirst(3).contains { $0 != 0x30 }
        let part = digits.isEmpty ? 0 : milliseconds * scale + (isBetween && rounding == .up ? 1 : 0)
        return Timestamp(milliseconds: seconds * 1000 + part)
    }

    /// Whole seconds since 1970, and the digits of the fraction as written.
    package static func parts(_ text: String) -> (seconds: Int64, fraction: Substring)? {
        var reader = Reader(text.utf8)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), (1...12).contains(month), day >= 1
        else { return nil }
        let monthDays = days(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) - days(year, month, 1)
        guard day <= monthDays else { return nil }
        var seconds = days(year, month, day) * 86_400
        var fraction: Substring = ""
        guard !reader.isAtEnd else { return (seconds, fraction) }

        guard reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.number(2), reader.take(":"),
            let minute = reader.number(2), hour < 24, minute < 60
        else { return nil }
        seconds += hour * 3600 + minute * 60
        if reader.take(":") {
            guard let second = reader.number(2), second < 60 else { return nil }
            seconds += second
            if reader.take(".") {
                guard let digits = reader.fraction() else { return nil }
                fraction = digits
            }
        }
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        return (seconds - offset * 60, fraction)
    }

    private struct Reader {
        private var rest: Substring.UTF8View

        init(_ text: String.UTF8View) { rest = Substring(String(decoding: text, as: UTF8.self)).utf8 }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func take(_ character: Character) -> Bool {
            guard rest.first == character.asciiValue else { return false }
            rest.removeFirst()
            return true
        }

        mutating func number(_ width: Int) -> Int64? {
            let digits = rest.prefix(width)
            guard digits.count == width, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(width)
            return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        mutating func fraction() -> Substring? {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            return Substring(digits)
        }

        /// Minutes east of UTC.
        mutating func offset() -> Int64? {
            if isAtEnd || take("Z") || take("z") { return 0 }
            let sign: Int64
            if take("-") { sign = -1 } else if take("+") || take(" ") { sign = 1 } else { return nil }
            guard let hours = number(2) else { return nil }
            _ = take(":")
            let minutes = isAtEnd ? 0 : number(2)
            guard let minutes, hours < 24, minutes < 60 else { return nil }
            return sign * (hours * 60 + minutes)
        }
    }
}
