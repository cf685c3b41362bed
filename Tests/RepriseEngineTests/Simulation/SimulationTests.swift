import Foundation
import Testing

/// Thousands of small disasters. A failure names its seed: `REPRISE_SEED=<n>` runs that one alone.
@Suite struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test func whateverHappensTheInvariantsHold() throws {
        let seeds: ClosedRange<UInt64> =
            if let one = Self.environment["REPRISE_SEED"].flatMap({ UInt64($0) }) { one...one } else {
                1...max(1, Self.environment["REPRISE_SEEDS"].flatMap { UInt64($0) } ?? 500)
            }
        var failures = 0
        for seed in seeds {
            let hub = try SimulatedHub(seed: seed)
            hub.run()
            guard !hub.complaints.isEmpty else { continue }
            failures += 1
            Issue.record("seed \(seed): \(hub.complaints.prefix(8).joined(separator: "\n"))")
            if failures == 5 { break }
        }
    }

    @Test func aSeedIsARun() throws {
        let one = try SimulatedHub(seed: 7)
        one.run()
        let other = try SimulatedHub(seed: 7)
        other.run()
        #expect(one.statuses == other.statuses && one.requests.count == other.requests.count)
    }

    @Test(arguments: Flaw.allCases) func aPlantedBugIsFound(_ flaw: Flaw) throws {
        let found = try (1...60).first { seed in
            let hub = try SimulatedHub(seed: UInt64(seed), flaw: flaw)
            hub.run()
            return !hub.complaints.isEmpty
        }
        #expect(found != nil, "sixty seeds did not notice that the node \(flaw)")
    }
}
