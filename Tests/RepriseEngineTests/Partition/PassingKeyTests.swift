import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// Each command from a gateway or a command line left a row for a week: 125 commands a second are 75 million rows, in each
/// snapshot of the log. No one repeats a key that was drawn for one sending once its sender has given up.
@Suite struct PassingKeyTests {
    private static func start(_ id: String, _ key: String, isPassing: Bool) throws -> Command {
        var start = try Command.start(id, "Immediate", message: key)
        start.isInteractive = true
        start.timeout = .seconds(10)
        start.hasPassingKey = isPassing
        return start
    }

    /// Starts both kinds, and purges what came of them.
    private static func rig() throws -> PartitionFixture {
        let rig = try PartitionFixture()
        try rig.send(start("drawn", "d", isPassing: true))
        try rig.send(start("named", "n", isPassing: false))
        try rig.confirmAll()
        for id in ["drawn", "named"] { try rig.send(.purge(id)) }
        return rig
    }

    private static func pass(_ rig: PartitionFixture, _ duration: Duration) throws {
        var left = duration
        while left > .zero {
            try rig.advance(by: min(left, .seconds(600)))
            try rig.send(.start("tick", "Immediate"))
            left -= .seconds(600)
        }
    }

    @Test func repeatsAreKnownForAnHour() throws {
        let rig = try Self.rig()
        try Self.pass(rig, .seconds(3600))
        for (id, key) in [("drawn", "d"), ("named", "n")] {
            #expect(try rig.send(Self.start(id, key, isPassing: id == "drawn")).map(\.word) == ["accepted"])
            #expect(try rig.status(id) == nil, "it would run again")
        }
    }

    @Test func onlyKeysThatMayComeAgainAreKeptForAWeek() throws {
        let rig = try Self.rig()
        let all = rig.journal.state.seen.count
        try Self.pass(rig, .seconds(3 * 3600))
        #expect(rig.journal.state.seen.count == all - 1)
        #expect(try rig.send(Self.start("named", "n", isPassing: false)).map(\.word) == ["accepted"])
        #expect(try rig.status("named") == nil)
        try rig.restart()
        #expect(try rig.send(Self.start("drawn", "d", isPassing: true)).map(\.word) == ["accepted"])
        #expect(try rig.status("drawn") != nil, "it is another one")
    }

    /// A stranger may wait forever, and may say anything.
    @Test func longTimeoutIsNoLongerMemory() throws {
        let rig = try PartitionFixture()
        var start = try Self.start("a", "k", isPassing: true)
        start.timeout = .milliseconds(Int64(1) << 53)
        try rig.send(start)
        start.instance = try InstanceID("b")
        start.timeout = nil
        try rig.send(start)
        #expect(rig.journal.state.seen.values.map(\.time).allSatisfy { $0 == rig.clock.now })
    }
}
