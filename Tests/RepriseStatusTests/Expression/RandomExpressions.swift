import RepriseKernel
import RepriseTestSupport

/// Instances and conditions drawn from few names and values, so that they often meet, and among them what is easily taken
/// for something else.
struct RandomExpressions {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    // MARK: Instances

    mutating func status(_ number: Int, before now: Timestamp) -> InstanceStatus {
        let created = now.milliseconds - Int64.random(in: 0...100, using: &random) * 60_000
        var tags: [String: String] = [:]
        if chance(2) { tags["team"] = pick(Self.texts) }
        if chance(4) { tags["a/ü"] = pick(Self.texts) }
        return InstanceStatus(
            instance: .of("\(pick(["order", "trip", "Trip", "ü"]))-\(number)"),
            name: pick(["Billing", "billing", "Trip", "a%_b"]),
            incarnation: 1,
            version: 1,
            runtimeStatus: pick(RuntimeStatus.allCases),
            input: .json(value(depth: 1)),
            customStatus: .json(value(depth: 3)),
            output: .json(value(depth: 0)),
            failure: nil,
            createdTime: Timestamp(milliseconds: created),
            lastUpdatedTime: Timestamp(milliseconds: min(now.milliseconds, created + 600_000)),
            partition: PartitionNumber(0),
            sequence: StatusSequenceNumber(rawValue: Int64(number)),
            traits: InstanceTraits(
                version: chance(2) ? pick(["1", "1.0", "2"]) : nil,
                tags: tags,
                parent: chance(3) ? .of(pick(["p", "q"])) : nil
            )
        )
    }

    mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 4), using: &random) {
        case 0, 1: pick(Self.scalars)
        case 2: quoted(pick(Self.texts))
        case 3: pick(["null", "[]", "{}", " true "])
        case 4, 5:
            "["
                + (0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth - 1) }
                .joined(separator: ",") + "]"
        default:
            // A name may come twice: the first counts.
            "{"
                + (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    "\(pick(Self.writtenNames)) : \(value(depth: depth - 1))"
                }.joined(separator: ", ") + "}"
        }
    }

    private static let scalars = [
        "0", "-0", "-0.0", "1", "1.0", "1e0", "true", "false", "null", "\"1\"", "\"true\"", "\"null\"", "2.5", "-7",
        "9007199254740993", "9007199254740992.0", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "1e400", "-1e400", "\"[1]\"", "\"\\u0061\"", "\"a\\/b\"", "\"\\ud83d\\ude00\"", "\"a\\u0000b\"",
    ]
    private static let texts = [
        "", "a", "A", "ab", "a/b", "1", "true", "ü", "u\u{308}", "😀", "o'clock", "\"", "a%", "\u{FFFF}",
    ]
    private static let names = ["a", "b", "ü", "a b", "0", "o'clock", "a.b", "$"]
    private static let writtenNames = names.map { "\"\($0)\"" } + ["\"\\u0061\""]

    // MARK: Expressions

    mutating func expression(depth: Int = 3) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 2), using: &random) {
        case 2: "not \(expression(depth: depth - 1))"
        case 3: "(\(expression(depth: depth - 1)) and \(expression(depth: depth - 1)))"
        case 4: "(\(expression(depth: depth - 1)) or \(expression(depth: depth - 1)))"
        default: predicate()
        }
    }

    private mutating func predicate() -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return "runtimeStatus \(pick(["==", "!="])) \(pick(RuntimeStatus.allCases).rawValue)"
        case 1: return "runtimeStatus in (Running, \(pick(RuntimeStatus.allCases).rawValue))"
        case 2: return "age \(pick(["<", "<=", ">", ">="])) \(Int.random(in: 0...100, using: &random))m"
        case 3:
            return "\(pick(["createdTime", "lastUpdatedTime"])) \(comparison()) 2023-11-14T21:\(pick(["10", "55"])):20Z"
        case 4:
            let field = pick(["name", "instanceId", "parentInstanceId", "tags.team", "tags.\"a/ü\""])
            return "\(field) \(comparison()) \(literalText())"
        case 5: return "\(pick(["name", "instanceId", "version", "tags.team"])) startsWith \(literalText())"
        case 6: return "\(pick(["parentInstanceId", "version", "tags.team"])) exists"
        case 7: return "\(path()) exists"
        case 8: return "\(path()) has \(literal())"
        case 9: return "\(path()) startsWith \(literalText())"
        case 10: return "\(path()) in (\(literal()), \(literal()))"
        default:
            let comparison = comparison()
            let isOrdering = comparison.contains("<") || comparison.contains(">")
            return "\(path()) \(comparison) \(isOrdering ? pick([number(), literalText()]) : literal())"
        }
    }

    private mutating func path() -> String {
        var text = pick(["customStatus", "customStatus", "customStatus", "input", "output"])
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            text += chance(4) ? "[\(Int.random(in: 0...2, using: &random))]" : ".\"\(pick(Self.names))\""
        }
        return text
    }

    private mutating func comparison() -> String { pick(StatusComparisons.all) }
    private mutating func literal() -> String { pick([number(), literalText(), pick(["true", "false", "null"])]) }
    private mutating func literalText() -> String { quoted(pick(Self.texts + ["order-1", "Bill", "p"])) }
    private mutating func number() -> String {
        pick(["0", "1", "1.0", "2.5", "-7", "9007199254740993", "9007199254740992.0", "9223372036854775807", "1e400"])
    }

    private func quoted(_ text: String) -> String { Payload.string(text).text }
    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }
    private mutating func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &random)! }
}

private enum StatusComparisons {
    static let all = ["==", "!=", "<", "<=", ">", ">="]
}
