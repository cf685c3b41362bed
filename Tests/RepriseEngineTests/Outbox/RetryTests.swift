import Reprise
import RepriseEngine
import RepriseKernel
import Testing

@Suite struct RetryTests {
    /// A status message that the broker had refused was read off history that purging had deleted: observers waited
    /// for that version for ever. Found by the simulation, seed 20.
    @Test func aPurgedInstanceIsKeptUntilItsRefusedMessagesAreThrough() throws {
        let rig = try PartitionRig()
        try rig.send(.start("a", "Immediate"))
        try rig.send(.purge("a"), settlements: [refusal(of: 1)])
        try rig.handle([], settlements: [confirm(2), confirm(3)])
        #expect(rig.journal.state.history.count == 1)
        try rig.advance(by: .seconds(1))
        #expect(rig.statuses.map(\.version) == [1, 2, 3, 1])
        try rig.handle([], settlements: [confirm(1)])
        #expect(rig.journal.state.history.isEmpty && rig.journal.state.retries.isEmpty)
    }

    private func refusal(of number: Int64) -> OutboundSettlement {
        OutboundSettlement(number: number, outcome: .undeliverable(reason: "returned"))
    }

    private func confirm(_ number: Int64) -> OutboundSettlement {
        OutboundSettlement(number: number, outcome: .confirmed)
    }
}
