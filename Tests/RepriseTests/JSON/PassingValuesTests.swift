import Foundation
import Reprise
import RepriseKernel
import RepriseTestSupport
import Testing

/// A value that code takes in and hands on unread was changed without a word: long numbers were rounded, `-0.0` and `1.0`
/// lost what made them so, and of two names that look the same one was lost.
@Suite("A value of any shape is handed on as it came")
struct PassingValuesTests {
    private struct Letter: Codable {
        var value: JSON
        var list: [JSON]
        var inner: Inner
        struct Inner: Codable {
            var deep: [String: JSON]
        }
    }

    private func passed<Value: Codable>(_ text: String, as type: Value.Type) throws -> String {
        let payload = try Payload(checking: Array(text.utf8))
        return try PayloadCoding.encode(PayloadCoding.decode(type, from: payload, as: "it"), as: "it").text
    }

    private static let numberTexts = [
        "12345678901234567890", "0.12345678901234567890123", "-0.0", "-0", "1.0", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "18446744073709551616", "1e400", "1E+2", "0.1", "100", "1e-999",
    ]

    @Test("Numbers keep their text", arguments: numberTexts)
    func numbers(text: String) throws {
        #expect(try passed(text, as: JSON.self) == text)
        let letter = #"{"inner":{"deep":{"a":[{"b":\#(text)}]}},"list":[0,\#(text)],"value":\#(text)}"#
        #expect(try passed(letter, as: Letter.self) == letter)
    }

    @Test("Names are told apart by their code units, not by how they look")
    func names() throws {
        let text = #"{"e\#u{301}":2,"é":1}"#
        #expect(try passed(text, as: JSON.self) == text)
        let letter = #"{"inner":{"deep":{"x":\#(text)}},"list":[\#(text)],"value":\#(text)}"#
        #expect(try passed(letter, as: Letter.self) == letter)
    }

    @Test("Of a name that an object has twice, the first counts, for every reader")
    func twice() throws {
        struct Typed: Codable { var a: Int }
        let text = #"{"a":1,"a":2}"#
        let payload = try Payload(checking: Array(text.utf8))
        #expect(try passed(text, as: JSON.self) == #"{"a":1}"#)
        #expect(try passed(text, as: Typed.self) == #"{"a":1}"#)
        #expect(try passed(text, as: [String: JSON].self) == #"{"a":1}"#)
        #expect(JSONView(payload).members?["a"]?.integer == 1)
        #expect(JSONView(payload).member(writtenAs: "a")?.integer == 1)
        #expect(MergePatch.apply(payload, to: .null).text == #"{"a":1}"#)
    }

    @Test("Whatever the shape is", arguments: 1...40 as ClosedRange<UInt64>)
    func anything(seed: UInt64) throws {
        var random = Shapes(seed: seed)
        for _ in 0..<25 {
            let text = random.value(depth: 5)
            #expect(try passed(text, as: JSON.self) == text, "seed \(seed)")
            let letter = #"{"inner":{"deep":{"k":\#(text)}},"list":[\#(text),\#(text)],"value":\#(text)}"#
            #expect(try passed(letter, as: Letter.self) == letter, "seed \(seed)")
            let schedule = try Payload(checking: Array(#"{"name":"N","everySeconds":5,"input":\#(text)}"#.utf8))
            let read = try PayloadCoding.decode(Schedule.self, from: schedule, as: "it")
            #expect(try PayloadCoding.encode(read.input, as: "it").text == text, "seed \(seed)")
            let sent = try HTTPCall("POST", "http://h", json: read.input).body
            #expect(sent == text, "seed \(seed)")
        }
    }

    /// Texts that look like what stands for a value while it is written.
    @Test("No text of the user's is taken for a value")
    func lookAlike() throws {
        struct Pair: Codable, Equatable {
            var a: String
            var b: JSON
            var c: [String: JSON]
        }
        for text in ["reprise-value-0-", "reprise-value-1-", "\"reprise-value-0-\"", "reprise-value"] {
            let pair = Pair(a: text, b: .array([.string(text)]), c: [text: .string(text), "z": [1, 2]])
            let payload = try PayloadCoding.encode(pair, as: "it")
            #expect(try PayloadCoding.decode(Pair.self, from: payload, as: "it") == pair)
        }
    }

    @Test("Half a surrogate pair is read as U+FFFD, and code that ignores its input runs")
    func halfAPair() throws {
        struct Typed: Codable { var a: String }
        struct Nothing: Codable {}
        let text = #"{"a":"\ud800","\uDC00":"\\ud800 \ud83d\ude82 \uD83D"}"#
        #expect(try passed(text, as: Nothing.self) == "{}")
        #expect(try passed(text, as: Typed.self) == "{\"a\":\"\u{FFFD}\"}")
        #expect(
            try passed(text, as: JSON.self)
                == "{\"a\":\"\u{FFFD}\",\"\u{FFFD}\":\"\\\\ud800 🚂 \u{FFFD}\"}"
        )
    }

    @Test("A number beyond a Double fails only who asks for one, and is named")
    func beyondADouble() throws {
        struct Typed: Codable { var amount: Double }
        struct Nothing: Codable {}
        let text = #"{"amount":1e400}"#
        #expect(try passed(text, as: Nothing.self) == "{}")
        let failure = #expect(throws: Failure.self) { try passed(text, as: Typed.self) }
        #expect(failure?.message.contains("1e400") == true && failure?.message.contains("amount") == true)
    }

    @Test("Times keep their fraction")
    func fractions() throws {
        for seconds in [0, 0.5, 0.123, 0.123456, 1_795_000_000.987654, 1_795_000_000.1, -0.25, -1_000_000.75] {
            let date = Date(timeIntervalSince1970: seconds)
            let payload = try PayloadCoding.encode([date], as: "it")
            #expect(try PayloadCoding.decode([Date].self, from: payload, as: "it") == [date], "\(payload.text)")
        }
        let whole = try PayloadCoding.encode([Date(timeIntervalSince1970: 1_795_000_000)], as: "it")
        #expect(whole.text == #"["2026-11-18T11:06:40Z"]"#)
    }

    @Test(
        "Times are read as the HTTP parameters are",
        arguments: [
            ("2026-11-29T01:02:03", 1_795_914_123), ("2026-11-29", 1_795_910_400),
            ("2026-11-29T01:02:03.25Z", 1795914123.25), ("2026-11-29T01:02:03+01:00", 1_795_910_523),
        ] as [(String, Double)]
    )
    func times(text: String, seconds: Double) throws {
        let payload = Payload.strings([text])
        #expect(
            try PayloadCoding.decode([Date].self, from: payload, as: "it") == [Date(timeIntervalSince1970: seconds)]
        )
    }

    @Test("What is not a time is refused by the name of its member")
    func noTime() throws {
        struct Order: Codable { var due: Date }
        let failure = #expect(throws: Failure.self) { try passed(#"{"due":"tomorrow"}"#, as: Order.self) }
        #expect(failure?.message.contains("at due") == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("2026-11-29T01:02:03Z") == true)
    }
}

/// Makes up JSON as Reprise writes it: names in the order of their bytes, no space.
private struct Shapes {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: return ["null", "true", "false"].randomElement(using: &random) ?? "null"
        case 1, 2: return number()
        case 3, 4: return Payload.string(text()).text
        case 5:
            return "["
                + (0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth: depth - 1) }
                .joined(separator: ",") + "]"
        default:
            var names: [[UInt8]: String] = [:]
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                let name = text()
                names[Array(name.utf8)] = name
            }
            let members = names.sorted { $0.key.lexicographicallyPrecedes($1.key) }
                .map { Payload.string($0.value).text + ":" + value(depth: depth - 1) }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    private mutating func number() -> String {
        func digits(_ most: Int) -> String {
            (0..<Int.random(in: 1...most, using: &random)).map { _ in "\(Int.random(in: 0...9, using: &random))" }
                .joined()
        }
        var text = Bool.random(using: &random) ? "-" : ""
        text += Bool.random(using: &random) ? "0" : "\(Int.random(in: 1...9, using: &random))" + digits(30)
        if Bool.random(using: &random) { text += "." + digits(30) }
        if Int.random(in: 0..<4, using: &random) == 0 {
            text += ["e", "E+", "e-"].randomElement(using: &random)! + digits(4)
        }
        return text
    }

    private mutating func text() -> String {
        let pieces = ["a", "é", "e\u{301}", "\"", "\\", "/", "\n", "🚂", "\u{0}", "Å", "\u{212B}", "A\u{30A}", "1", ""]
        return (0..<Int.random(in: 0..<4, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }
}
