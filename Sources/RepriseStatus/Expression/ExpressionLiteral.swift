import RepriseKernel

/// How values are written, for each kind of field.
enum ExpressionLiteral {
    /// - Returns: nil for what is not a value of that kind.
    static func value(_ token: ExpressionToken.Kind, of kind: StatusField.Kind) -> ComparedValue? {
        switch (kind, token) {
        case (.status, .word(let word, [])), (.status, .text(let word)):
            RuntimeStatus(rawValue: word).map { .text($0.rawValue) }
        case (.text, .text(let text)), (.json, .text(let text)): .text(text)
        case (.json, .bare(let text)): number(text)
        case (.json, .word("true", [])): .bool(true)
        case (.json, .word("false", [])): .bool(false)
        case (.json, .word("null", [])): .null
        case (.time, .bare(let text)), (.time, .text(let text)): time(text)
        case (.age, .bare(let text)): duration(text)
        default: nil
        }
    }

    static func expectation(of kind: StatusField.Kind) -> String {
        switch kind {
        case .status: "one of " + RuntimeStatus.allCases.map(\.rawValue).joined(separator: " ")
        case .text: "text in quotes"
        case .time: "a time like 2026-01-31T08:00:00Z, to the millisecond"
        case .age: "a duration like 90s, 10m, 2h or 3d"
        case .json: "a value: \"text\", a number, true, false or null"
        }
    }

    private static func number(_ text: String) -> ComparedValue? {
        guard (try? JSONCheck.check(Array(text.utf8))) != nil else { return nil }
        return ComparedValue(number: text)
    }

    /// Times have milliseconds: a finer one could be neither before nor after.
    private static func time(_ text: String) -> ComparedValue? {
        guard let time = TimeText.parse(text, rounding: .down), time == TimeText.parse(text, rounding: .up) else {
            return nil
        }
        return .integer(time.milliseconds)
    }

    /// `1h30m`: whole numbers with their units, added up, in milliseconds.
    private static func duration(_ text: String) -> ComparedValue? {
        var rest = text.utf8[...]
        var sum: Int64 = 0
        repeat {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !(0x30...0x39).contains($0) }
            rest = rest.dropFirst(unit.count)
            guard (1...9).contains(digits.count), let number = Int64(String(decoding: digits, as: UTF8.self)),
                let milliseconds = units[String(decoding: unit, as: UTF8.self)]
            else { return nil }
            sum += number * milliseconds
            guard sum <= longest else { return nil }
        } while !rest.isEmpty
        return .integer(sum)
    }

    /// A million years, in milliseconds: times plus or minus that many are still numbers.
    private static let longest: Int64 = 31_536_000_000_000_000

    private static let units: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]
}
