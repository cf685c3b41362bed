import RepriseEngine
import RepriseKernel
import RepriseTesting
import Synchronization
import Testing

/// What an observer of a partition receives, and what its owner counts for doctor.
@Suite struct ObserverTests {
    private final class Ears: PartitionObserver {
        struct Heard {
            var commits: [ObservedCommit] = []
            var replays: [Int] = []
            var refusals: [Rejection.Code] = []
            var quarantined: [InstanceID] = []
        }

        private let state = Mutex(Heard())
        var heard: Heard { state.withLock { $0 } }
        func committed(_ commit: ObservedCommit) { state.withLock { $0.commits.append(commit) } }
        func replayed(events: Int, took: Duration) { state.withLock { $0.replays.append(events) } }
        func refused(_ code: Rejection.Code) { state.withLock { $0.refusals.append(code) } }
        func quarantined(_ instance: InstanceID) { state.withLock { $0.quarantined.append(instance) } }
    }

    private let ears = Ears()

    @Test func whatWasCommittedReplayedAndRefusedIsHeard() throws {
        let rig = try PartitionFixture(observers: [ears])
        try rig.send(.start("a", "Hello", count: 2))
        try rig.work()
        try rig.send(.start("a", "Hello", count: 1))
        try rig.restart()
        try rig.settle()
        #expect(try rig.status("a")?.runtimeStatus == .completed)

        let heard = ears.heard
        #expect(Int64(heard.commits.count) == rig.journal.state.head.commit.rawValue)
        let written = try rig.journal.state.history.map { try HistoryCodec.decode($0.records).count }
        #expect(heard.commits.map(\.events).reduce(0, +) == written.reduce(0, +))
        #expect(heard.commits.map(\.messages).reduce(0, +) == rig.journal.state.head.nextOutbound.rawValue - 1)
        #expect(heard.replays.count == 1 && heard.replays.allSatisfy { $0 > 0 })
        #expect(heard.refusals == [.alreadyExists])

        // Counted again by each owner.
        let work = try #require(try rig.health()?.work)
        #expect(work.replays == 1 && work.refusals == 0)
        #expect(work.commits > 0 && work.commits < heard.commits.count)
    }

    @Test func anInstanceThatIsSetAsideIsHeardOnce() throws {
        let rig = try PartitionFixture(observers: [ears])
        try rig.send(.start("a", "Hello", count: 2))
        for _ in 0..<3 {
            rig.marker.trap(in: try InstanceID("a"))
            try rig.restart()
        }
        try rig.work()
        #expect(try rig.status("a")?.failure?.type == Failure.Kind.trapped)
        #expect(ears.heard.quarantined == [try InstanceID("a")])
        #expect(try rig.health()?.work?.quarantined == 1)
    }
}
