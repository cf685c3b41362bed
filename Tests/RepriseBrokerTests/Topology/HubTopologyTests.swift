import RabbitMQ
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("A hub on a real broker", .live)
struct HubTopologyTests {
    @Test("A hub is made once, also by several nodes at a time, and found by those who do not know it")
    func idempotent() async throws {
        try await LiveHub.with(partitions: 3) { test in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await test.topology.ensure(at: test.endpoint, logger: LiveHub.logger) }
                }
                try await group.waitForAll()
            }
            #expect(try await HubTopology.partitionCount(of: test.hub, at: test.endpoint) == 3)
        }
    }

    @Test("Another partition count is refused, naming both")
    func partitionCount() async throws {
        try await LiveHub.with(partitions: 3) { test in
            let other = HubTopology(hub: test.hub, partitionCount: 5)
            let error = await #expect(throws: HubError.self) {
                try await other.ensure(at: test.endpoint, logger: LiveHub.logger)
            }
            #expect(error?.code == .partitionCount)
            #expect(error?.message.contains("created with 3 partitions") == true)
            #expect(error?.message.contains("set to 5") == true)
        }
    }

    enum Sizes: CaseIterable {
        case itsOwn, none
        /// Also that of an earlier hub, whose queues were deleted and whose exchanges were not.
        case stale
    }

    /// It founded the hub again with its own count, and commands went to inboxes that no one read.
    @Test(
        "Another partition count is refused, also where the record is gone",
        arguments: [1, 2, 4, 7],
        Sizes.allCases
    )
    func partitionCountWithoutRecord(count: Int, sizes: Sizes) async throws {
        try await LiveHub.with(partitions: 3) { test in
            try await loseRecord(test, isDeleted: true)
            let channel = try await test.channel()
            switch sizes {
            case .itsOwn: break
            case .none: try await channel.deleteExchange(test.names.size(3))
            case .stale: try await channel.declareExchange(test.names.size(count), kind: .fanout)
            }
            let other = HubTopology(hub: test.hub, partitionCount: count)
            let error = await #expect(throws: HubError.self) {
                try await other.ensure(at: test.endpoint, logger: LiveHub.logger)
            }
            #expect(error?.code == .partitionCount)
            #expect(error?.message.contains("set to \(count)") == true)
            if sizes != .none { #expect(error?.message.contains("created with 3 partitions") == true) }
            #expect(try await test.depth(test.names.record) == nil)
            #expect(try await test.live.connection.hasExchange(test.names.size(count)) == (sizes == .stale))
            #expect(try await test.depth(test.names.inbox(PartitionNumber(3))) == nil)
            // Who has the right count completes it.
            try await test.topology.ensure(at: test.endpoint, logger: LiveHub.logger)
            #expect(try await test.depth(test.names.record) == 3)
            try await channel.deleteExchange(test.names.size(count))
        }
    }

    @Test("What is left of a hub is completed by who has its count, and the size of a hub that is gone holds up no one")
    func leftovers() async throws {
        try await LiveHub.with(partitions: 3) { test in
            let channel = try await test.channel()
            try await channel.deleteQueue(test.names.record)
            try await channel.deleteExchange(test.names.size(3))
            try await channel.deleteQueue(test.names.inbox(PartitionNumber(2)))
            try await test.topology.ensure(at: test.endpoint, logger: LiveHub.logger)
            #expect(try await test.depth(test.names.inbox(PartitionNumber(2))) == 0)

            var queues = [test.names.record, test.names.intake, test.names.dead]
            for partition in (0..<3).map(PartitionNumber.init) {
                queues += [test.names.inbox(partition), test.names.owner(partition), test.names.journal(partition)]
            }
            for queue in queues { try await channel.deleteQueue(queue) }
            let founded = try await withThrowingTaskGroup(of: Int.self) { group in
                // None of them takes what another has just made for a hub of another size.
                for _ in 0..<6 {
                    group.addTask {
                        var smaller = HubTopology(hub: test.hub, partitionCount: 2)
                        smaller.settlingTime = .zero
                        try await smaller.ensure(at: test.endpoint, logger: LiveHub.logger)
                        return 1
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(founded == 6)
            #expect(try await test.depth(test.names.record) == 2)
            try await channel.deleteExchange(test.names.size(2))
        }
    }

    @Test("Inboxes of another make are refused")
    func inboxType() async throws {
        try await LiveHub.with { test in
            let other = HubTopology(hub: test.hub, partitionCount: 2, inboxType: .quorum)
            let error = await #expect(throws: HubError.self) {
                try await other.ensure(at: test.endpoint, logger: LiveHub.logger)
            }
            #expect(error?.code == .topology)
        }
    }

    @Test("A hub that no one made is said to be none")
    func noHub() async throws {
        let endpoint = try LiveHub.endpoint()
        let hub = HubName(checked: "nobody-\(RandomID.make().prefix(8))")
        let error = await #expect(throws: HubError.self) { try await HubTopology.partitionCount(of: hub, at: endpoint) }
        #expect(error?.code == .noSuchHub)
        #expect(error?.message.contains("start a node first") == true)
    }

    private func loseRecord(_ test: LiveHub, isDeleted: Bool) async throws {
        let channel = try await test.channel()
        if isDeleted {
            try await channel.deleteQueue(test.names.record)
        } else {
            try await channel.purgeQueue(test.names.record)
        }
    }

    /// Purged, or expired by a policy: the command line, a gateway that started and the doctor all said that there was no hub.
    @Test("A hub whose record is empty or gone is found all the same", arguments: [true, false])
    func withoutRecord(isDeleted: Bool) async throws {
        try await LiveHub.with(partitions: 3) { test in
            try await loseRecord(test, isDeleted: isDeleted)
            #expect(try await HubTopology.partitionCount(of: test.hub, at: test.endpoint) == 3)

            // As in a hub that is being made: no one must take it for a smaller one.
            try await test.channel().deleteQueue(test.names.inbox(PartitionNumber(2)))
            let error = await #expect(throws: HubError.self) {
                try await HubTopology.partitionCount(of: test.hub, at: test.endpoint)
            }
            // What a gateway waits for.
            #expect(error?.code == .noSuchHub)
        }
    }

    /// No one ever filled it: the record was made again where it was missing, and left empty for good.
    @Test("A running node fills a record that was purged or deleted", arguments: [true, false])
    func recordIsFilled(isDeleted: Bool) async throws {
        try await LiveHub.with(partitions: 2) { test in
            // As it is found after a connection is made, when someone else was cut off while he made the hub.
            try await loseRecord(test, isDeleted: isDeleted)
            var timing = LogTiming()
            timing.watch = .milliseconds(200)
            let owner = RecordingOwner()
            try await test.running([test.contender(owner, timing: timing)]) {
                for _ in 1...2 {
                    try await until("a full record") { try await test.depth(test.names.record) == 2 }
                    try await loseRecord(test, isDeleted: isDeleted)
                }
                try await until("a full record") { try await test.depth(test.names.record) == 2 }
                try await until("the owner") { owner.isTaken }
            }
            #expect(owner.events == [.taken, .lost])
        }
    }

    @Test("A broker that is not there is said to be gone")
    func noBroker() async throws {
        let endpoint = try BrokerEndpoint(url: "amqp://guest:secret@127.0.0.1:1/", name: "test")
        let error = await #expect(throws: HubError.self) {
            try await HubTopology.partitionCount(of: testHub, at: endpoint)
        }
        #expect(error?.code == .broker && error?.isRetriable == true)
        #expect(error?.message.contains("127.0.0.1:1") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test("A new hub's queues settle before it is used; an old one's need not")
    func settles() async throws {
        let endpoint = try LiveHub.endpoint()
        let hub = HubName(checked: "t-\(RandomID.make().prefix(16))")
        let topology = HubTopology(hub: hub, partitionCount: 1)
        let clock = ContinuousClock()
        let first = try await clock.measure { try await topology.ensure(at: endpoint, logger: LiveHub.logger) }
        let second = try await clock.measure { try await topology.ensure(at: endpoint, logger: LiveHub.logger) }
        #expect(first >= .seconds(2))
        #expect(second < .seconds(1))
        let names = HubNames(hub)
        try await endpoint.withChannel(for: "test") { channel in
            let zero = PartitionNumber(0)
            for queue in [
                names.record, names.intake, names.dead, names.inbox(zero), names.owner(zero), names.journal(zero),
            ] {
                try await channel.deleteQueue(queue)
            }
            for exchange in [names.commands, names.statuses, names.nodes, names.withdrawals, names.size(1)] {
                try await channel.deleteExchange(exchange)
            }
        }
    }
}
