import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseStatus

@Suite("Expressions: what they ask")
struct StatusExpressionTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func status(_ customStatus: String = "null") -> InstanceStatus {
        InstanceStatus(
            instance: .of("order-7"),
            name: "Billing",
            incarnation: 1,
            version: 1,
            runtimeStatus: .running,
            input: .json(#"{"amount": 12.50, "lines": [{"sku": "a"}, {"sku": "b"}]}"#),
            customStatus: .json(customStatus),
            output: .null,
            failure: nil,
            createdTime: Timestamp(milliseconds: now.milliseconds - 7_200_000),
            lastUpdatedTime: Timestamp(milliseconds: now.milliseconds - 600_000),
            partition: PartitionNumber(0),
            sequence: 1,
            traits: InstanceTraits(version: "1.2", tags: ["team": "red", "a b": "x"], parent: .of("parent"))
        )
    }

    private func holds(_ expression: String, _ customStatus: String = "null") throws -> Bool {
        try StatusExpression(parsing: expression).matches(status(customStatus), now: now)
    }

    @Test func theExampleOfTheGuide() throws {
        let expression = #"customStatus.recommendedCities has "Tokyo" and runtimeStatus == Running"#
        #expect(try holds(expression, #"{"recommendedCities": ["London", "Tokyo"]}"#))
        #expect(try !holds(expression, #"{"recommendedCities": ["London"]}"#))
        #expect(try !holds(expression, #"{"recommendedCities": "Tokyo"}"#))
        #expect(try !holds(expression))
    }

    @Test(arguments: [
        "name == \"Billing\"", "instanceId startsWith 'order-'", "parentInstanceId == 'parent'",
        "version in ('1.1', '1.2')",
        "tags.team == 'red'", "tags.\"a b\" exists", "not tags.blue exists", "runtimeStatus in (Pending, Running)",
        "createdTime < 2023-11-14T21:00:00Z", "createdTime >= '2023-11-14'", "age >= 10m", "age < 1h30m", "age > 9m59s",
        "input.amount == 12.5", "input.lines[1].sku == 'b'", "not input.lines[2] exists", "not output exists",
        "output == null", "customStatus == null", "not customStatus.x exists",
        "(name == 'x' or name == 'Billing') and not (name == 'x')",
        "name == 'x' and name == 'y' or name == 'Billing'", "name != 'billing'", "name > 'Bill' and name <= 'Billing'",
    ])
    func holds(expression: String) throws {
        #expect(try holds(expression))
    }

    @Test(arguments: [
        // A type is part of a value.
        ("1", "customStatus == 1", true), ("1", "customStatus == 1.0", true), ("1.0", "customStatus == 1", true),
        (#""1""#, "customStatus == 1", false), ("1", "customStatus == '1'", false),
        ("true", "customStatus == 1", false),
        ("true", "customStatus == true", true), ("true", "customStatus == false", false),
        (#""true""#, "customStatus == true", false), ("1", "customStatus < '2'", false),
        (#""1""#, "customStatus < 2", false),
        ("[1]", "customStatus == '[1]'", false), ("{}", "customStatus exists", true),
        ("9007199254740993", "customStatus == 9007199254740992.0", false),
        ("9007199254740993", "customStatus > 9007199254740992.0", true),
        // Missing is not null, and != is the contrary of ==.
        (#"{"a": null}"#, "customStatus.a == null", true), (#"{"a": null}"#, "customStatus.a exists", true),
        (#"{"b": 1}"#, "customStatus.a == null", false), (#"{"b": 1}"#, "customStatus.a exists", false),
        (#"{"b": 1}"#, "customStatus.a != null", true), (#"{"b": 1}"#, "customStatus.a != 1", true),
        (#"{"b": 1}"#, "customStatus.a < 1", false), (#"{"b": 1}"#, "not customStatus.a < 1", true),
        // Elements.
        ("[1, null, true]", "customStatus has null", true), ("[1, true]", "customStatus has 1.0", true),
        (#"["1"]"#, "customStatus has 1", false), (#"{"a": 1}"#, "customStatus has 1", false),
        ("[[1]]", "customStatus has 1", false), ("[[1]]", "customStatus[0] has 1", true),
        // Text.
        (#""a\"\u00fc""#, #"customStatus == "a\"ü""#, true), (#""über""#, "customStatus startsWith '\u{FC}b'", true),
        ("\"\u{FC}\"", "customStatus == 'u\u{308}'", false), (#""ab""#, "customStatus startsWith ''", true),
        ("1", "customStatus startsWith ''", false),
    ])
    func isExact(_ customStatus: String, _ expression: String, _ holds: Bool) throws {
        #expect(try self.holds(expression, customStatus) == holds, "\(expression) of \(customStatus)")
    }
}

@Suite("Expressions: what cannot be read")
struct ExpressionErrorTests {
    @Test(arguments: [
        ("", "at character 1: expected a field, found the end"),
        ("name", "at character 5: expected one of == != < <= > >= in startsWith, found the end"),
        ("name = 'x'", "at character 6: there is no '='; there are: == != < <= > >="),
        ("name == x", "at character 9: expected text in quotes, found 'x'"),
        ("name == 'x", "at character 9: the text has no end"),
        ("name == 'x' or", "at character 15: expected a field, found the end"),
        ("name == 'x' name == 'y'", "at character 13: expected 'and', 'or' or the end, found 'name'"),
        ("(name == 'x'", "at character 13: expected ')', found the end"),
        (
            "stage == 1",
            "at character 1: there is no field 'stage'; there are: runtimeStatus, name, instanceId, "
                + "parentInstanceId, version, createdTime, lastUpdatedTime, age, customStatus.…, input.…, output.…, tags.…"
        ),
        ("name.x == 'y'", "at character 1: name has no parts"),
        ("tags == 'y'", "at character 1: one tag is written tags.<name>"),
        (
            "runtimeStatus == Runing",
            "at character 18: expected one of Running Completed ContinuedAsNew Failed Canceled "
                + "Terminated Pending Suspended, found 'Runing'"
        ),
        ("runtimeStatus < Running", "at character 15: runtimeStatus knows no '<'"),
        ("age == 10m", "at character 5: age knows no '=='"),
        ("age > 10", "at character 7: expected a duration like 90s, 10m, 2h or 3d, found '10'"),
        ("age > 999999999d", "at character 7: expected a duration like 90s, 10m, 2h or 3d, found '999999999d'"),
        ("age > 10x", "at character 7: expected a duration like 90s, 10m, 2h or 3d, found '10x'"),
        (
            "createdTime > 2026-02-30",
            "at character 15: expected a time like 2026-01-31T08:00:00Z, to the millisecond, "
                + "found '2026-02-30'"
        ),
        ("customStatus.a < true", "at character 18: only text and numbers have an order"),
        (
            "customStatus.a == 01",
            "at character 19: expected a value: \"text\", a number, true, false or null, found '01'"
        ),
        (
            "customStatus.a == Tokyo",
            "at character 19: expected a value: \"text\", a number, true, false or null, found 'Tokyo'"
        ),
        ("customStatus. == 1", "at character 14: expected a name after the dot"),
        (
            "customStatus.\"a\\\"b\" == 1",
            "at character 1: a path has at most 16 steps, each name 128 bytes without control "
                + "characters, \" and \\, each number at most 99999"
        ),
        ("customStatus[x] == 1", "at character 14: expected a number and ']'"),
        ("name startsWith Bill", "at character 17: expected text in quotes, found 'Bill'"),
        ("name exists", "at character 6: expected one of == != < <= > >= in startsWith, found 'exists'"),
        ("name in ()", "at character 10: expected text in quotes, found ')'"),
        ("name == 'a' ; drop table instances", "at character 13: ';' means nothing here"),
    ])
    func saysWhereAndWhat(_ text: String, _ message: String) {
        #expect(problem(of: text) == message)
    }

    @Test func limits() throws {
        let depth = StatusExpression.Limits.depth - 1
        let deep = String(repeating: "(", count: depth) + "age > 1s" + String(repeating: ")", count: depth)
        _ = try StatusExpression(parsing: deep)
        #expect(problem(of: "(\(deep))") == "at character 17: an expression may be nested at most 16 deep")

        let many = Array(repeating: "age > 1s", count: StatusExpression.Limits.predicates).joined(separator: " or ")
        _ = try StatusExpression(parsing: many)
        #expect(problem(of: many + " or age > 1s")?.hasSuffix("an expression may have at most 32 conditions") == true)

        let list = Array(repeating: "'x'", count: StatusExpression.Limits.values).joined(separator: ",")
        _ = try StatusExpression(parsing: "name in (\(list))")
        #expect(problem(of: "name in (\(list),'x')")?.hasSuffix("a list may have at most 100 values") == true)

        let long = "name == '\(String(repeating: "x", count: StatusExpression.Limits.bytes))'"
        #expect(problem(of: long) == "at character 1: an expression may have at most 4096 bytes, this one has 4106")

        let steps = String(repeating: ".a", count: JSONPath.maximumSteps)
        _ = try StatusExpression(parsing: "customStatus\(steps) exists")
        #expect(problem(of: "customStatus\(steps).a exists") != nil)
        #expect(problem(of: "customStatus[100000] exists") != nil)
        #expect(problem(of: "customStatus[99999999999999999999] exists") != nil)
    }

    private func problem(of text: String) -> String? {
        do throws(ExpressionError) {
            _ = try StatusExpression(parsing: text)
            return nil
        } catch {
            return error.description
        }
    }
}
