import RepriseEngine
import RepriseKernel
import Synchronization
import Testing

@testable import RepriseEngine

@Suite struct TurnWatchdogTests {
    @Test func aTurnIsStuckAfterTenTicksOnEnd() {
        var lasting = LastingTurn()
        for _ in 0..<LastingTurn.limit { #expect(lasting.tick(7) == nil) }
        #expect(lasting.tick(7) == 7)
    }

    @Test func manyShortTurnsAreNoLongOne() {
        var lasting = LastingTurn()
        for turn in UInt64(0)..<100 { #expect(lasting.tick(turn) == nil) }
        for _ in 0..<100 {
            for _ in 0..<LastingTurn.limit { #expect(lasting.tick(7) == nil) }
            #expect(lasting.tick(nil) == nil)
        }
    }

    @Test func itsThreadFindsTheTurnAndNamesIt() async {
        let (found, finding) = AsyncStream.makeStream(of: String.self)
        let watchdog = TurnWatchdog(
            timeout: .milliseconds(50),
            partitions: [(PartitionNumber(0), Turns(turn: nil)), (PartitionNumber(1), Turns(turn: 3))]
        ) { partition, instance in
            finding.yield("\(instance) in \(partition)")
        }
        watchdog.start()
        #expect(await found.first { _ in true } == "stuck-3 in 1")
        watchdog.stop()
    }

    private struct Turns: WatchedTurns {
        var turn: UInt64?
        var currentTurn: UInt64? { turn }
        func markTimedOut(_ turn: UInt64) -> InstanceID? { InstanceID(trusted: "stuck-\(turn)") }
    }
}
