import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

@Suite("What becomes of a child that nobody waits for any more")
struct ParentCloseTests {
    private static let ends: [(end: String, status: RuntimeStatus)] = [
        ("sibling", .failed), ("race", .completed), ("cancel", .canceled), ("terminate", .terminated),
        ("grace", .canceled),
    ]

    private func start(_ policy: ParentClosePolicy, _ end: String) throws -> PartitionFixture {
        let rig = try PartitionFixture.cancelable()
        try rig.send(.start("p", "Litter", Litter.Plan(policy: policy.rawValue, end: end)))
        return rig
    }

    @Test("It is as its call says, however its parent ends", arguments: ParentClosePolicy.allCases, [false, true])
    func policies(policy: ParentClosePolicy, restarting: Bool) throws {
        for (end, status) in Self.ends {
            let rig = try start(policy, end)
            try rig.settle(restarting: restarting)
            switch end {
            case "cancel": try rig.send(.cancel("p"))
            case "grace": try rig.send(.cancel("p", grace: .zero))
            case "terminate": try rig.send(.terminate("p"))
            default: try rig.advance(by: .seconds(1))
            }
            try rig.settle(restarting: restarting)
            try rig.advance(by: .seconds(5))
            try rig.settle(restarting: restarting)
            #expect(try rig.status("p")?.runtimeStatus == status, "\(end)")
            let child = try #require(try rig.status("c"))
            switch policy {
            case .abandon: #expect(child.runtimeStatus == .running, "\(end)")
            case .cancel:
                #expect(child.runtimeStatus == .canceled, "\(end)")
                #expect(child.customStatus.text.contains("'p' waits for it no longer"), "it has cleaned up")
            case .terminate: #expect(child.runtimeStatus == .terminated, "\(end)")
            }
            let isGivenUp = try rig.history("p").contains("give up task #1")
            #expect(isGivenUp == (policy != .abandon && ["sibling", "race"].contains(end)), "\(end)")
            #expect(rig.deadLetters.isEmpty, "\(end)")
        }
    }

    /// The start was lost before the broker could confirm it, and what dismissed the child came to nobody: sent again, the
    /// start would begin what no one would end.
    @Test(
        "A child that was dismissed before it began does not begin later",
        arguments: [ParentClosePolicy.cancel, .terminate]
    )
    func late(policy: ParentClosePolicy) throws {
        let rig = try start(policy, "race")
        rig.loseUnconfirmed()
        try rig.advance(by: .seconds(1))
        try rig.passOn()
        let again = try rig.restart()
        let starts = again.filter {
            if case .command(let command) = $0.message, case .start = command.action { true } else { false }
        }
        #expect(starts.isEmpty)
        try rig.settle()
        #expect(try rig.status("c") == nil)
    }

    @Test("A child that ends in time is not told anything")
    func ended() throws {
        let rig = try start(.terminate, "alone")
        try rig.settle()
        try rig.send(.event("c", "go", "7"))
        try rig.settle()
        #expect(try rig.output("p") == "7")
        #expect(try rig.status("c")?.runtimeStatus == .completed)
    }
}
