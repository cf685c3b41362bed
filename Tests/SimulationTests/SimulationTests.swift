import Foundation
import Testing

/// Thousands of small disasters. A failure names its seed: `infra/simulate --seed <n>` runs that one alone.
@Suite(.serialized) struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static func number(_ name: String) -> UInt64? { environment[name].flatMap { UInt64($0) } }

    @Test func whateverHappensTheInvariantsHold() throws {
        let first = Self.number("REPRISE_SEED") ?? 1
        let count = Self.number("REPRISE_SEEDS") ?? (Self.number("REPRISE_SEED") == nil ? 240 : 1)
        let begun = ContinuousClock.now
        var coverage = Coverage()
        var failures = 0
        var runs = 0
        for seed in first..<(first + max(1, count)) {
            let hub = try SimulatedHub(seed: seed)
            hub.run()
            coverage.add(hub.coverage)
            runs += 1
            guard !hub.complaints.isEmpty else { continue }
            failures += 1
            Issue.record("seed \(seed): \(hub.complaints.prefix(8).joined(separator: "\n"))")
            if failures == 5 { break }
        }
        print("\(runs) seeds in \(ContinuousClock.now - begun)\n\(coverage.table)")
        guard count >= 240 else { return }
        #expect(coverage.gaps.isEmpty, "what never happened is not proved")
    }

    @Test func aSeedIsARun() throws {
        for seed in UInt64(1)...5 {
            let one = try SimulatedHub(seed: seed)
            one.run()
            let other = try SimulatedHub(seed: seed)
            other.run()
            #expect(one.observer.statuses == other.observer.statuses && one.now == other.now)
            #expect(one.coverage.table == other.coverage.table)
        }
    }

    @Test(arguments: Flaw.allCases) func aPlantedBugIsFound(_ flaw: Flaw) throws {
        let found = try (UInt64(1)...1_000).first { seed in
            let hub = try SimulatedHub(seed: seed, flaw: flaw)
            hub.run()
            return !hub.complaints.isEmpty
        }
        print("\(flaw): found by seed \(found.map { "\($0)" } ?? "none of a thousand")")
        #expect(found != nil, "a thousand seeds did not notice that a node \(flaw)")
    }
}
