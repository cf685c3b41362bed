import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// What has piled up is worked off in portions, each a commit and a record of the log: 450,000 ids that could be
/// forgotten went in one commit, which took 17.7 s, and in the first commit of the node that took the partition over.
@Suite struct PortionTests {
    private static let portion = 512

    private func old(_ count: Int) -> [[UInt8]: SeenRow] {
        let keys = (0..<count).map { number in [UInt8(number & 255), UInt8(number >> 8 & 255), UInt8(number >> 16)] }
        return Dictionary(
            uniqueKeysWithValues: keys.map { ($0, SeenRow(key: $0, fingerprint: 1, time: Timestamp(milliseconds: 1))) }
        )
    }

    @Test func idsAreForgottenInPortions() throws {
        let journal = try MemoryJournal()
        journal.state.seen = old(5_000)
        let rig = try PartitionFixture(journal: journal)
        rig.clock.advance(by: .seconds(10_000_000))
        var left = journal.state.seen.count
        #expect(left > 5_000 - Self.portion * 2, "the next owner begins with a portion too")
        for number in 1...20 where left > 100 {
            try rig.send(.start("a\(number)", "Immediate", message: "m\(number)"))
            let forgotten = left - journal.state.seen.count
            #expect(forgotten <= Self.portion, "in one commit")
            left = journal.state.seen.count
        }
        #expect(left <= 100, "only what came in meanwhile")
    }

    @Test func anIdlePartitionForgetsOn() throws {
        let journal = try MemoryJournal()
        journal.state.seen = old(5_000)
        let rig = try PartitionFixture(journal: journal)
        rig.clock.advance(by: .seconds(10_000_000))
        try rig.send(.start("a", "Immediate"))
        var flushes = 0
        while try rig.partition.flush(), flushes < 100 { flushes += 1 }
        #expect(journal.state.seen.count <= 1)
        #expect((3...10).contains(flushes))
    }

    @Test func whatIsDueAgainGoesInPortions() throws {
        let rig = try PartitionFixture()
        for number in 0..<1_000 { try rig.send(.terminate("nobody-\(number)")) }
        try rig.handle(
            [],
            settlements: rig.published.map {
                OutboundSettlement(number: $0.number, outcome: .undeliverable(reason: "no route"))
            }
        )
        rig.clock.advance(by: .seconds(1))
        var batches: [Int] = []
        while let due = rig.partition.nextDue(), due <= rig.clock.now, batches.count < 50 {
            let before = rig.published.count
            try rig.handle([])
            batches.append(rig.published.count - before)
        }
        #expect(batches.reduce(0, +) == 1_000)
        #expect(batches.allSatisfy { $0 <= 256 })
    }

    /// A health check counted every row of the journal, on the thread that all turns wait for.
    @Test func healthDoesNotCountAllRowsEachTime() throws {
        let rig = try PartitionFixture()
        for number in 0..<20 { try rig.send(.start("a\(number)", "Immediate")) }
        try rig.send(.purge("a1"))
        for round in 0..<5 {
            #expect(try rig.health()?.instances == Int64(rig.journal.state.visible.count))
            try rig.send(.start("b\(round)", "Immediate"), .start("a\(round + 3)", "Immediate"))
            try rig.send(.purge("a\(round + 10)"))
            // Made and gone in one batch; ended and begun again.
            try rig.send(.start("c\(round)", "Immediate"), .purge("c\(round)"))
        }
        try rig.restart()
        #expect(try rig.health()?.instances == Int64(rig.journal.state.visible.count))
        #expect(rig.journal.countings <= 2, "once for each process")
    }
}
