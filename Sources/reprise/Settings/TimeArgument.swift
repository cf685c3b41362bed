import ArgumentParser
package import RepriseKernel

/// Times and durations as arguments.
package enum TimeArgument {
    /// `90s`, `10m`, `2h`, `7d`; up to a thousand years.
    package static func span(_ text: String) -> Duration? {
        let unit: Int64
        switch text.last {
        case "s": unit = 1
        case "m": unit = 60
        case "h": unit = 3_600
        case "d": unit = 86_400
        default: return nil
        }
        guard let count = Int64(text.dropLast()), (0...(31_557_600_000 / unit)).contains(count) else { return nil }
        return .seconds(count * unit)
    }

    /// A time in ISO 8601, or a span from `now` on: `+10m`.
    package static func time(_ text: String, now: Timestamp) -> Timestamp? {
        guard text.first == "+" else { return TimeText.parse(text, rounding: .up) }
        return span(String(text.dropFirst())).map { now + $0 }
    }

    /// - Throws: an error that the argument parser shows as wrong usage.
    static func requireSpan(_ text: String) throws -> Duration {
        guard let span = span(text) else {
            throw ValidationError("'\(text)' is not a duration; one looks like 90s, 10m, 2h or 7d")
        }
        return span
    }

    /// - Throws: an error that the argument parser shows as wrong usage.
    static func requireTime(_ text: String) throws -> Timestamp {
        guard let time = time(text, now: .now) else {
            throw ValidationError("'\(text)' is not a time: write 2026-11-24T18:30:00Z, or +10m from now")
        }
        return time
    }
}
