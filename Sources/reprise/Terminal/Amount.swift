import RepriseKernel

/// Numbers and times as people read them.
package enum Amount {
    /// `0.12 s`, `12.3 s`, `4 min 05 s`, `3 h 20 min`, `2 d 03 h`.
    package static func duration(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.milliseconds)
        let seconds = milliseconds / 1000
        switch seconds {
        case 0..<10: return "\(fixed(Double(milliseconds) / 1000, 2)) s"
        case 10..<60: return "\(fixed(Double(milliseconds) / 1000, 1)) s"
        case 60..<3600: return "\(seconds / 60) min \(two(seconds % 60)) s"
        case 3600..<86_400: return "\(seconds / 3600) h \(two(seconds / 60 % 60)) min"
        default: return "\(seconds / 86_400) d \(two(seconds / 3600 % 24)) h"
        }
    }

    /// With thin groups of three from 10,000 on: `12,345`.
    package static func count(_ value: some BinaryInteger) -> String {
        let digits = String(value.magnitude)
        guard digits.count > 3 else { return String(value) }
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return value < 0 ? "-" + text : text
    }

    package static func fixed(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = Int64((abs(value) * scale).rounded())
        let sign = value < 0 && scaled != 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % Int64(scale))
        return "\(sign)\(scaled / Int64(scale)).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
    }

    /// `1 message`, `2 messages`.
    package static func of(_ count: some BinaryInteger, _ noun: String) -> String {
        "\(Amount.count(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

extension Duration {
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    package var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
