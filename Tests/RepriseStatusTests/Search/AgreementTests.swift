import GRDB
import RepriseKernel
import Testing

@testable import RepriseStatus

/// One expression, three ways to its answer: instance by instance, by SQL, and by SQL with indexes. None may differ.
@Suite("Expressions: both evaluators agree")
struct AgreementTests {
    static let now = Timestamp(milliseconds: 1_700_000_000_000)

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func agree(seed: UInt64) async throws {
        var random = RandomExpressions(seed: seed)
        let statuses = (0..<250).map { random.status($0, before: Self.now) }
        let expressions = try (0..<300).map { _ in try StatusExpression(parsing: random.expression()) }
        try await withModel { model in
            try await model.fill(statuses)
            var matched = 0
            for round in ["without indexes", "with indexes"] {
                for expression in expressions {
                    let expected = Set(statuses.filter { expression.matches($0, now: Self.now) }.map(\.instance.value))
                    let filter = InstanceFilter(condition: StatusCondition(expression, now: Self.now))
                    let found = Set(try await model.list(filter, limit: 1000).statuses.map(\.instance.value))
                    #expect(found == expected, "seed \(seed), \(round): \(expression.text)")
                    #expect(try await model.count(filter).total == expected.count)
                    matched += expected.count
                }
                for field in [
                    "customStatus", "customStatus.a", "customStatus.\"o'clock\"", "customStatus[0]", "name",
                    "tags.team",
                ] {
                    #expect(try await model.addIndex(of: StatusField(parsing: field)) != .refused(""))
                }
            }
            // A test of empty answers would prove little.
            #expect(matched > statuses.count * expressions.count / 4)
        }
    }

    /// Whatever someone writes is read or refused, and what is read can be asked.
    @Test(arguments: [5, 6] as [UInt64])
    func noTextDoesHarm(seed: UInt64) async throws {
        var random = RandomExpressions(seed: seed)
        let pieces = [
            "'", "\"", "(", ")", "[", "]", ".", ",", "-", "99999999999999999999d", "\\", "\0", "ü", "\u{301}", "$",
            "--", ";", "?",
        ]
        try await withModel { model in
            try await model.fill((0..<5).map { random.status($0, before: Self.now) })
            var understood = 0
            for _ in 0..<3000 {
                var characters = Array(random.expression().unicodeScalars)
                for _ in 0..<Int.random(in: 0...2, using: &random.random) {
                    let at = Int.random(in: 0..<max(1, characters.count), using: &random.random)
                    let piece = Array(pieces.randomElement(using: &random.random)!.unicodeScalars)
                    characters.replaceSubrange(
                        at..<min(characters.count, at + Int.random(in: 0...2, using: &random.random)),
                        with: piece
                    )
                }
                var text = String.UnicodeScalarView()
                text.append(contentsOf: characters)
                guard let expression = try? StatusExpression(parsing: String(text)) else { continue }
                understood += 1
                let filter = InstanceFilter(condition: StatusCondition(expression, now: Self.now))
                await #expect(throws: Never.self, "\(expression.text)") { try await model.count(filter) }
            }
            #expect(understood > 300)
        }
    }
}

extension StatusModel {
    func fill(_ statuses: [InstanceStatus]) async throws {
        try await pool.write { db in
            for status in statuses { try StatusRecord(status).save(to: db, sweep: 0) }
        }
    }
}
