import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Synchronization
import Testing

/// E10: what one node notes of its death lies on its own disk, and the next owner is another node.
@Suite struct FatalTurnTests {
    /// Its code ends the process.
    private struct Fatal: Orchestrator {
        let runs: Runs
        func run(_ context: OrchestrationContext, input: JSON) async throws -> Int {
            runs.count.add(1, ordering: .relaxed)
            return 0
        }
    }

    private final class Runs: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Nodes with a disk each over one journal and one inbox; code that is fatal ends whichever process runs it.
    private final class Nodes {
        let rig: PartitionFixture
        private let runs = Runs()
        private let isFatal: Bool
        /// The node dies when the code has run, and before that is committed.
        private let isUnlucky: Bool
        var death = UnfinishedTurn.Death.trapped
        private(set) var deaths = 0
        private var disks: [String: RememberedMarker.Disk] = [:]
        private var isFirst = true

        init(isFatal: Bool, isUnlucky: Bool = false) throws {
            self.isFatal = isFatal
            self.isUnlucky = isUnlucky
            rig = try PartitionFixture(adding: [RegisteredOrchestrator(Fatal(runs: runs))])
            rig.marker.disk = RememberedMarker.Disk()
        }

        /// The node takes the partition and is given the messages; false when it died of them.
        func run(_ node: String, _ messages: [InboundDelivery.Message]) throws -> Bool {
            let (marker, journal) = (rig.marker, rig.journal)
            marker.disk = disks[node] ?? RememberedMarker.Disk()
            try rig.restart()
            var grave: (state: JournalTables, disk: RememberedMarker.Disk)?
            let ran = runs.count.load(ordering: .relaxed)
            marker.onEnter = { [death, isUnlucky] in
                guard grave == nil, let inside = marker.inside, inside.value == "bad" else { return }
                // What there is if the code runs now.
                let disk = marker.disk
                if !isUnlucky { marker.die(death, in: inside) }
                grave = (journal.state, marker.disk)
                marker.disk = disk
            }
            defer {
                marker.onEnter = nil
                isFirst = false
            }
            try rig.handle(messages, isRedelivered: !isFirst)
            disks[node] = marker.disk
            guard isFatal || isUnlucky, runs.count.load(ordering: .relaxed) > ran, let grave else { return true }
            disks[node] = grave.disk
            // It never came so far.
            journal.state = grave.state
            deaths += 1
            return false
        }
    }

    private static let starts: [InboundDelivery.Message] = {
        [("a", "Hello"), ("bad", "Fatal"), ("z", "Hello")].map { id, name in
            .command(try! Command.start(id, name, count: 1, message: "start-\(id)"))
        }
    }()

    /// Three where a node comes back and knows what it died of; where none does, no one knows that it was the code.
    @Test(arguments: [
        ("aaaaa", 3), ("aabbc", 3), ("ababa", 3), ("abbac", 3), ("abcab", 3), ("aabca", 3), ("abaca", 3), ("abcda", 4),
        ("abcdefg", 6),
    ])
    func fewDeathsWhicheverNodes(_ order: String, _ deaths: Int) throws {
        let nodes = try Nodes(isFatal: true)
        for (index, node) in order.enumerated() {
            #expect(try nodes.run(String(node), Self.starts) == (index >= deaths), "\(order), \(index)")
        }
        #expect(nodes.deaths == deaths)
        try nodes.rig.work()
        #expect(try nodes.rig.status("bad")?.failure?.type == Failure.Kind.trapped)
        for id in ["a", "z"] { #expect(try nodes.rig.status(id)?.runtimeStatus == .completed) }
        #expect(nodes.rig.journal.state.crashes.isEmpty)
    }

    /// Three nodes that were killed while the turn's commit waited for the broker had an innocent instance fail.
    @Test func nodesThatDieAfterATurnCountAgainstNobody() throws {
        let nodes = try Nodes(isFatal: false, isUnlucky: true)
        for node in "abababababab" { #expect(try !nodes.run(String(node), Self.starts)) }
        #expect(nodes.rig.journal.state.crashes.values.allSatisfy { $0.traps + $0.timeouts + $0.kills == 0 })
        for node in "cdcd" { #expect(try !nodes.run(String(node), Self.starts)) }
        let lucky = try Nodes(isFatal: false)
        lucky.rig.journal.state = nodes.rig.journal.state
        #expect(try lucky.run("e", Self.starts))
        #expect(try lucky.rig.status("bad")?.runtimeStatus == .completed)
        #expect(lucky.rig.journal.state.crashes.isEmpty)
    }

    /// No one knows why other nodes died, but a node that was killed knows that of itself.
    @Test func onOneNodeAKillStillCountsLessThanATrap() throws {
        let nodes = try Nodes(isFatal: true)
        nodes.death = .killed
        for _ in 1...10 { #expect(try !nodes.run("a", Self.starts)) }
        #expect(try nodes.run("a", Self.starts))
        #expect(try nodes.rig.status("bad")?.failure?.type == Failure.Kind.killed)
    }

    /// A mark found weeks later was counted against an instance that had gone on, or was long gone.
    @Test func aMarkIsForgottenWhenOthersHaveOwnedThePartitionSince() throws {
        let nodes = try Nodes(isFatal: true)
        #expect(try !nodes.run("a", Self.starts))
        let innocent = try Nodes(isFatal: false)
        innocent.rig.journal.state = nodes.rig.journal.state
        #expect(try innocent.run("b", Self.starts))
        nodes.rig.journal.state = innocent.rig.journal.state
        nodes.rig.clock.advance(by: .seconds(14 * 24 * 3600))
        #expect(try nodes.run("a", []))
        #expect(nodes.rig.journal.state.crashes.isEmpty)
    }

    @Test func whatIsTriedLeavesNothingBehind() throws {
        let nodes = try Nodes(isFatal: false)
        #expect(try nodes.run("a", Self.starts))
        // Duplicates, of which nothing comes.
        #expect(try nodes.run("b", Self.starts + Self.starts))
        #expect(nodes.rig.journal.state.crashes.isEmpty)
    }

    /// Each turn that is tried costs a commit; no more of them than an owner can have died of.
    @Test func theNumberOfTrialsIsBounded() throws {
        let nodes = try Nodes(isFatal: false)
        #expect(try nodes.run("a", []))
        let many = try (1...2_000).map { number in
            InboundDelivery.Message.command(try .start("i-\(number)", "Immediate", message: "\(number)"))
        }
        let before = nodes.rig.journal.state.head.commit
        #expect(try nodes.run("b", many))
        let commits = before.distance(to: nodes.rig.journal.state.head.commit)
        #expect((512...520).contains(commits), "\(commits)")
        #expect(nodes.rig.journal.state.crashes.isEmpty)
    }
}
