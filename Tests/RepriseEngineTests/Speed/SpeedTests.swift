import Foundation
import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// Figures, and bounds so wide that only a change of complexity breaks them. Exact figures: build for release.
@Suite(.serialized) struct SpeedTests {
    @Test func aHistoryOfTenThousandEventsReplaysInTwoSeconds() throws {
        var settings = PartitionSettings()
        settings.maximumLiveSessions = 1
        let rig = try PartitionFixture(settings)
        try rig.send(.start("again", "Hello", count: 3_333))
        for _ in 0..<3_332 { try rig.work() }
        let events = try rig.history("again").count
        #expect(events >= 9_995)
        let clock = ContinuousClock()
        // Nothing was confirmed: every row is looked at again.
        let recovery = try clock.measure { try rig.restart() }
        print("recovery: \(rig.published.count) messages in \(recovery)")
        #expect(recovery < .seconds(10))
        let took = try clock.measure { try rig.send(.event("again", "wakes it")) }
        print("replay: \(events) events in \(took)")
        #expect(took < .seconds(2))
        #expect(rig.leaks.inside == 1)
    }

    /// The history behind a live orchestration costs it nothing.
    @Test func theLastStepsCostWhatTheFirstDo() throws {
        let rig = try PartitionFixture()
        let steps = 5_000
        try rig.send(.start("long", "Hello", count: steps))
        let clock = ContinuousClock()
        var took: [Duration] = []
        for _ in 0..<steps {
            took.append(try clock.measure { try rig.work() })
            try rig.confirmLast()
        }
        #expect(try rig.status("long")?.runtimeStatus == .completed)
        // The middle one of 500: the machine's hiccups are no one's cost.
        let first = took.prefix(500).sorted()[250]
        let last = took.suffix(500).sorted()[250]
        print("steps: the first 500 take \(first) each, the last 500 of \(steps) take \(last)")
        #expect(last < first * 2)
    }

    @Test func helloStepsThroughAPartition() throws {
        let rig = try PartitionFixture()
        let instances = ProcessInfo.processInfo.environment["REPRISE_SPEED"].flatMap { Int($0) } ?? 1_000
        let steps = 10
        let clock = ContinuousClock()
        let took = try clock.measure {
            for index in 0..<instances { try rig.send(.start("i\(index)", "Hello", count: steps)) }
            for _ in 0..<steps { try rig.work() }
        }
        let events = rig.journal.state.head.sequence.rawValue + Int64(instances * steps * 2)
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        print(
            "hello: \(instances * steps) steps, \(events) events in \(took): \(Int(Double(events) / seconds)) events/s"
        )
        for index in [0, instances - 1] { #expect(try rig.status("i\(index)")?.runtimeStatus == .completed) }
        #expect(rig.leaks.inside == 0)
        #expect(took < .seconds(60))
    }
}
