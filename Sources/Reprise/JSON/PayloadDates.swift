import Foundation
import RepriseKernel

/// Times within payloads: written in ISO 8601 with as many fractional digits as they have, read like the HTTP
/// parameters.
enum PayloadDates {
    /// `2026-11-29T01:02:03Z`, with the shortest fraction that reads back as the same time.
    static func write(_ date: Date, to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        guard date.timeIntervalSince1970.isFinite, date >= .beginOfCalendar, date < .endOfCalendar else {
            let context = EncodingError.Context(
                codingPath: encoder.codingPath,
                debugDescription: "a time must be from the year 0 to the year 9999"
            )
            throw EncodingError.invalidValue(date, context)
        }
        try container.encode(text(date))
    }

    private static func text(_ date: Date) -> String {
        let since2001 = date.timeIntervalSinceReferenceDate
        let whole = since2001.rounded(.down)
        let seconds = TimeText.seconds(Timestamp(milliseconds: (Int64(whole) + epoch) * 1000))
        var text = seconds
        for places in 0...12 {
            let fraction = fraction(since2001 - whole, places: places)
            text = fraction.isEmpty ? seconds : seconds.dropLast() + "." + fraction + "Z"
            if read(text) == date { break }
        }
        return text
    }

    /// Cut, not rounded up to the next second.
    private static func fraction(_ fraction: Double, places: Int) -> String {
        guard places > 0 else { return "" }
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        let digits = String(Int64(min((fraction * scale).rounded(), scale - 1)))
        return String(repeating: "0", count: places - digits.count) + digits
    }

    /// Seconds between 1970 and 2001, from where a `Date` counts.
    private static let epoch: Int64 = 978_307_200

    static func read(from decoder: any Decoder) throws -> Date {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let date = read(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "expected a time such as 2026-11-29T01:02:03Z or 2026-11-29"
            )
        }
        return date
    }

    private static func read(_ text: String) -> Date? {
        guard let (whole, fraction) = TimeText.parts(text) else { return nil }
        return Date(timeIntervalSinceReferenceDate: Double(whole - epoch) + (Double("0.\(fraction)") ?? 0))
    }
}
