import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("Sharing partitions over a broker", .serialized, .timeLimit(.minutes(3)))
struct ClusterPolicyTests {
    @Test("A node alone has everything in a moment; those who come get their share, and nothing moves after that")
    func newcomers() async throws {
        try await LiveHub.with(partitions: 4) { test in
            let ownerships = Ownerships(4)
            let a = SharingNode("a", test, ownerships)
            let b = SharingNode("b", test, ownerships)
            let c = SharingNode("c", test, ownerships)
            let start = ContinuousClock.now
            try await test.running([a.run]) {
                try await until("all partitions") { ownerships.shares == [4] }
                report("alone", since: start, ownerships)
                let joined = ContinuousClock.now
                try await test.running([b.run, c.run]) {
                    try await until("even shares", within: .seconds(30)) { ownerships.shares == [1, 1, 2] }
                    report("shared", since: joined, ownerships)
                    #expect(ownerships.takes.count <= 4 + 4)
                    let takes = ownerships.takes.count
                    // Three heartbeats later everyone has said everything.
                    try await rest(.seconds(4))
                    #expect(ownerships.takes.count == takes)
                }
                try await until("all partitions again") { ownerships.shares == [4] }
            }
        }
    }

    @Test("What a node had whose connections break is taken at once")
    func broken() async throws {
        try await LiveHub.with(partitions: 4) { test in
            let (relay, endpoint) = try test.relay()
            let ownerships = Ownerships(4)
            let a = SharingNode("a", test, ownerships, endpoint: endpoint)
            let b = SharingNode("b", test, ownerships)
            try await test.running([a.run]) {
                try await until("all partitions") { ownerships.shares == [4] }
                try await test.running([b.run]) {
                    try await until("even shares", within: .seconds(30)) { ownerships.shares == [2, 2] }
                    // For good, as a killed process.
                    let cut = ContinuousClock.now
                    relay.close()
                    try await until("the other has all") { ownerships.owners.allSatisfy { $0 == "b" } }
                    let last = try #require(ownerships.takes.last).instant
                    #expect(last - cut < .seconds(2))
                    report("taken over", since: cut, ownerships)
                }
            }
        }
    }

    @Test("A node that leaves hands over one by one, and at once")
    func leaving() async throws {
        try await LiveHub.with(partitions: 4) { test in
            let ownerships = Ownerships(4)
            let a = SharingNode("a", test, ownerships)
            let b = SharingNode("b", test, ownerships)
            try await test.running([a.run]) {
                try await until("all partitions") { ownerships.shares == [4] }
                try await test.running([b.run]) {
                    try await until("even shares", within: .seconds(30)) { ownerships.shares == [2, 2] }
                    let begin = ContinuousClock.now
                    await a.policy.leave()
                    #expect(!ownerships.owners.contains("a"))
                    report("left", since: begin, ownerships)
                    try await until("the other has all") { ownerships.owners.allSatisfy { $0 == "b" } }
                    let last = try #require(ownerships.takes.last).instant
                    #expect(last - begin < .seconds(2))
                    report("handed over", since: begin, ownerships)
                    #expect(ownerships.takes.filter { $0.instant > begin }.allSatisfy { $0.node == "b" })
                }
            }
        }
    }

    @Test("A restart of the broker moves nothing", .timeLimit(.minutes(3)))
    func brokerRestart() async throws {
        try await OwnBroker.with("share") { broker, endpoint in
            try await LiveHub.with(partitions: 4, at: endpoint) { test in
                let ownerships = Ownerships(4)
                let nodes = ["a", "b", "c"].map { SharingNode($0, test, ownerships) }
                // The queues must be old enough to survive.
                try await rest(.seconds(1))
                try await test.running(nodes.map { node in { try await node.run() } }) {
                    try await until("even shares", within: .seconds(30)) { ownerships.shares == [1, 1, 2] }
                    let owners = ownerships.owners
                    for _ in 1...2 {
                        try await broker.kill()
                        try await until("no owner") { ownerships.owners.allSatisfy { $0 == nil } }
                        let down = ownerships.takes.count
                        try await broker.start()
                        let up = ContinuousClock.now
                        try await until("owners again", within: .seconds(60)) { ownerships.shares != nil }
                        report("after the restart", since: up, ownerships)
                        try await rest(.seconds(5))
                        #expect(ownerships.owners == owners)
                        #expect(ownerships.takes.count == down + 4)
                    }
                }
            }
        }
    }

    @Test("Of those with a journal the furthest begins on a broker that knows nothing, and the others say who it is")
    func bootstrap() async throws {
        try await LiveHub.with(partitions: 2) { test in
            @Sendable func holding(_ commit: CommitNumber) -> HeldJournal {
                HeldJournal(journal: "j", standing: JournalPosition(commit: commit, checksum: 1, epoch: 3))
            }
            func policy(_ name: String, holding: HeldJournal?) -> ClusterPolicy {
                let policy = ClusterPolicy(
                    endpoint: test.endpoint,
                    hub: test.hub,
                    id: NodeID(rawValue: name),
                    name: "node-\(name)",
                    partitionCount: 2,
                    heartbeat: .seconds(1),
                    hasLog: true,
                    logger: LiveHub.logger
                )
                policy.note(
                    PartitionAnnouncement(
                        partition: PartitionNumber(0),
                        role: holding == nil ? .none : .standby,
                        holding: holding,
                        log: nil,
                        trouble: nil
                    )
                )
                return policy
            }
            let far = policy("far", holding: holding(9))
            let near = policy("near", holding: holding(8))
            let empty = policy("empty", holding: nil)
            let zero = PartitionNumber(0)
            try await test.running([far.run, near.run, empty.run]) {
                #expect(try await far.bootstrap(zero, holding: holding(9)) == .here)
                for (policy, holding) in [(near, holding(8)), (empty, nil)] {
                    let reason = try #require(refusal(try await policy.bootstrap(zero, holding: holding)))
                    #expect(reason.contains("'node-far'") && reason.contains("journal j at commit 9"))
                }
                // No one has anything of the other partition.
                #expect(try await empty.bootstrap(PartitionNumber(1), holding: nil) == .here)
            }
        }
    }

    @Test("A node that remembers a journal does not begin without one")
    func remembering() async throws {
        struct Memory: PartitionMemory {
            func known() -> [PartitionNumber] { [PartitionNumber(0)] }
            func remember(_ partitions: [PartitionNumber]) throws {}
        }
        try await LiveHub.with(partitions: 2) { test in
            let policy = ClusterPolicy(
                endpoint: test.endpoint,
                hub: test.hub,
                id: "a",
                name: "a",
                partitionCount: 2,
                heartbeat: .seconds(1),
                hasLog: true,
                memory: Memory(),
                logger: LiveHub.logger
            )
            try await test.running([policy.run]) {
                let reason = try #require(refusal(try await policy.bootstrap(PartitionNumber(0), holding: nil)))
                #expect(reason.contains("start the node that has it"))
                #expect(try await policy.bootstrap(PartitionNumber(1), holding: nil) == .here)
            }
        }
    }

    @Test("Who only listens hears who owns what")
    func observing() async throws {
        try await LiveHub.with(partitions: 4) { test in
            let ownerships = Ownerships(4)
            let node = SharingNode("a", test, ownerships)
            try await test.running([node.run]) {
                try await until("all partitions") { ownerships.shares == [4] }
                try await test.channel().publish(
                    RabbitMQMessage(body: [1]),
                    routingKey: test.names.inbox(PartitionNumber(2))
                )
                let report = try await ClusterObserver.once(
                    endpoint: test.endpoint,
                    hub: test.hub,
                    partitionCount: 4,
                    logger: LiveHub.logger
                )
                #expect(report.nodes.map(\.name) == ["a"])
                #expect(report.partitions.map(\.owners) == Array(repeating: ["a"], count: 4))
                #expect(report.partitions.map(\.backlog) == [0, 0, 1, 0])
                #expect(report.partitions[3].log == LogAddress(segment: 1, commit: 0, records: 2))
            }
        }
    }

    @Test("Waiting ends with the task")
    func cancellation() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let node = SharingNode("a", test, Ownerships(1))
            let waiting = Task { try await node.policy.untilUnwanted(PartitionNumber(0)) }
            let pointing = Task { try await node.policy.pointer(of: PartitionNumber(0)) }
            waiting.cancel()
            pointing.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            await #expect(throws: CancellationError.self) { _ = try await pointing.value }
        }
    }

    private func refusal(_ bootstrap: BootstrapAnswer) -> String? {
        if case .elsewhere(let reason) = bootstrap { reason } else { nil }
    }

    private func report(_ what: String, since start: ContinuousClock.Instant, _ ownerships: Ownerships) {
        let last = ownerships.takes.last.map { $0.instant - start } ?? .zero
        print("  sharing: \(what) after \(ContinuousClock.now - start), last taken after \(last)")
    }

    private func rest(_ duration: Duration) async throws { try await ContinuousClock().sleep(for: duration) }
}
