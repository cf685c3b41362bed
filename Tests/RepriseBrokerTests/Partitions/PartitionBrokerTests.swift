import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseBroker

@Suite("Owning partitions", .live)
struct PartitionBrokerTests {
    let zero = PartitionNumber(0)

    func service(_ test: LiveHub, _ owner: RecordingOwner) -> @Sendable () async throws -> Void {
        test.contender(owner)
    }

    func post(_ test: LiveHub, _ id: String) async throws {
        let command = Command(instance: InstanceID(checked: "one"), action: .purge, messageID: id)
        try await test.channel().publish(CommandEnvelope.message(for: command), routingKey: test.names.inbox(zero))
    }

    @Test("Take, deliver, settle, acknowledge, lose", arguments: InboxType.allCases)
    func wholePeriod(inboxes: InboxType) async throws {
        try await LiveHub.with(partitions: 1, inboxes: inboxes, activities: ["E1_SayHello"]) { test in
            for number in 1...3 { try await post(test, "m\(number)") }
            let owner = RecordingOwner { deliveries, link in
                if let last = deliveries.last { link.acknowledge(through: last.tag) }
            }
            try await test.running([service(test, owner)]) {
                try await until("deliveries") { owner.deliveries.count == 3 }
                #expect(owner.events.first == .taken)
                let ids = owner.deliveries.map { delivery in
                    if case .command(let command) = delivery.message { command.messageID } else { String?.none }
                }
                #expect(ids == ["m1", "m2", "m3"])

                let link = try #require(owner.link)
                link.publish([
                    Outbound(number: 1, epoch: 1, message: .status(.make(.started))),
                    Outbound(number: 2, epoch: 1, message: .status(.make(.completed))),
                ])
                try await until("confirms") {
                    owner.events.contains(.settled(OutboundSettlement(number: 2, outcome: .confirmed)))
                }
            }
            #expect(owner.events.last == .lost)
            // Acked: nothing comes again.
            #expect(try await test.depth(test.names.inbox(zero)) == 0)
        }
    }

    @Test("What is not acknowledged comes again, to the next owner", arguments: InboxType.allCases)
    func redelivery(inboxes: InboxType) async throws {
        try await LiveHub.with(partitions: 1, inboxes: inboxes) { test in
            try await post(test, "m1")
            for _ in 0..<2 {
                let owner = RecordingOwner()
                try await test.running([service(test, owner)]) {
                    try await until("the delivery") { owner.deliveries.count == 1 }
                }
            }
        }
    }

    @Test("One owner at a time, and the next takes over when the first is gone")
    func exclusive() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = RecordingOwner()
            let second = RecordingOwner()
            let firstService = service(test, first)
            let running = Task { try await firstService() }
            try await until("the first owner") { first.isTaken }
            try await test.running([service(test, second)]) {
                try await post(test, "m1")
                try await until("the delivery") { first.deliveries.count == 1 }
                #expect(second.events.isEmpty)
                running.cancel()
                try await running.value
                #expect(first.events.last == .lost)
                try await until("the second owner") { second.deliveries.count == 1 }
                #expect(first.deliveries.count == 1)
            }
        }
    }

    @Test("Cut connections are loss of the partition, which is taken again, with what was not acked")
    func cutConnections() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (relay, endpoint) = try test.relay()
            defer { relay.close() }
            let owner = RecordingOwner()
            try await post(test, "m1")
            try await test.running([test.contender(owner, at: endpoint)]) {
                for round in 1...3 {
                    try await until("the delivery") { owner.deliveries.count == round }
                    relay.cut()
                    try await until("the loss") { owner.events.filter { $0 == .lost }.count == round }
                }
                try await until("the delivery") { owner.deliveries.count == 4 }
            }
            #expect(owner.events.prefix(4) == [.taken, .delivered(1), .lost, .taken])
        }
    }

    @Test("A lost consumer is loss of the partition, which is taken again", arguments: ["lock", "inbox"])
    func lostConsumer(of what: String) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = RecordingOwner()
            try await test.running([service(test, owner)]) {
                try await until("the owner") { owner.isTaken }
                let queue = what == "inbox" ? test.names.inbox(zero) : test.names.owner(zero)
                try await test.channel().deleteQueue(queue)
                try await until("the loss") { owner.events.contains(.lost) }
                try await test.topology.ensure(at: test.endpoint, logger: LiveHub.logger)
                try await until("the owner again") { owner.isTaken }
                try await post(test, "m1")
                try await until("the delivery") { owner.deliveries.count == 1 }
            }
            #expect(owner.events == [.taken, .lost, .taken, .delivered(1), .lost])
        }
    }

    /// One start with such a `reply_to` ended the connection that held the locks (541), and all partitions were taken
    /// again.
    @Test("An answer that the broker breaks down at costs no lock, and later answers arrive (E18)")
    func answerThatTheBrokerBreaksDownAt() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = RecordingOwner()
            try await test.running([service(test, owner)]) {
                let link = try await untilFound("the owner") { owner.link }
                let queue = test.names.reply("e18")
                let channel = try await test.channel()
                try await channel.declareQueue(queue, durable: false, exclusive: true, autoDelete: true)
                let accepted = Answer.accepted(InstanceID(checked: "a"))
                func answer(_ queue: String) {
                    link.answer([Reply(to: ReplyAddress(queue: queue, correlation: nil), answer: accepted)])
                }
                for _ in 0..<3 {
                    answer("amq.rabbitmq.reply-to.AAAA.BBBB")
                    try await until("an answer to another caller") {
                        answer(queue)
                        try await Task.sleep(for: .milliseconds(20))
                        return try await channel.get(queue, noAck: true) != nil
                    }
                }
                link.publish([Outbound(number: 1, epoch: 1, message: .status(.make(.started)))])
                try await until("the confirm") {
                    owner.events.contains(.settled(OutboundSettlement(number: 1, outcome: .confirmed)))
                }
                #expect(owner.events.filter { $0 == .taken || $0 == .lost } == [.taken])
            }
        }
    }

    /// The partition stayed without an owner, or was taken and lost 17 times a minute; the intake stayed away until a
    /// restart.
    @Test(
        "Queues of the hub that were deleted under a node are made again (E13)",
        arguments: [["owner"], ["inbox"], ["intake"], ["dead"], ["journal", "inbox"]]
    )
    func deletedQueues(_ kinds: [String]) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = RecordingOwner()
            let letter = DeadLetter(reason: "because", code: .unknownInstance, original: [])
            try await test.running([service(test, owner), test.forwarder().run]) {
                try await until("the owner") { owner.isTaken }
                let all = [
                    "owner": test.names.owner(zero), "inbox": test.names.inbox(zero), "intake": test.names.intake,
                    "dead": test.names.dead, "journal": test.names.journal(zero),
                ]
                for kind in kinds { try await test.channel().deleteQueue(try #require(all[kind])) }
                try await until("all queues") {
                    if kinds == ["dead"] {
                        owner.link?.publish([Outbound(number: 1, epoch: 1, message: .deadLetter(letter))])
                        try await Task.sleep(for: .milliseconds(100))
                    }
                    for queue in all.values where try await test.depth(queue) == nil { return false }
                    return owner.isTaken
                }
                // The intake is bound a moment after it is there; what comes in between is returned to its sender.
                try await until("a way in") {
                    do {
                        try await test.publish("purge", RabbitMQProperties(correlationID: "one"))
                        return true
                    } catch let error as RabbitMQError where error.code == .returned {
                        return false
                    }
                }
                try await until("a command") { !owner.deliveries.isEmpty }
                #expect(owner.events.filter { $0 == .taken }.count <= 2)
            }
        }
    }

    @Test("After the loss, the old link does nothing")
    func oldLink() async throws {
        try await LiveHub.with(partitions: 1) { test in
            try await post(test, "m1")
            let kept = Mutex<(any PartitionLink)?>(nil)
            let first = RecordingOwner { _, link in kept.withLock { $0 = link } }
            try await test.running([service(test, first)]) {
                try await until("the delivery") { first.deliveries.count == 1 }
            }
            let link = try #require(kept.withLock { $0 })
            let second = RecordingOwner()
            try await test.running([service(test, second)]) {
                try await until("the delivery") { second.deliveries.count == 1 }
                link.acknowledge(through: 1)
                link.publish([Outbound(number: 1, epoch: 1, message: .task(.sayHello()))])
                link.answer([
                    Reply(
                        to: ReplyAddress(queue: test.names.dead, correlation: nil),
                        answer: .accepted(InstanceID(checked: "a"))
                    )
                ])
                try await post(test, "m2")
                try await until("the next delivery") { second.deliveries.count == 2 }
            }
            #expect(first.events == [.taken, .delivered(1), .lost])
            #expect(try await test.depth(test.names.inbox(zero)) == 2)
            #expect(try await test.depth(test.names.dead) == 0)
        }
    }

    @Test("Handed over: what was delivered is finished first, and nothing more is taken")
    func handOver() async throws {
        try await LiveHub.with(partitions: 1) { test in
            for number in 1...20 { try await post(test, "m\(number)") }
            let first = RecordingOwner { deliveries, link in
                link.publish(
                    deliveries.map {
                        Outbound(
                            number: OutboundNumber(rawValue: Int64($0.tag)),
                            epoch: 1,
                            message: .status(.make(.started))
                        )
                    }
                )
                if let last = deliveries.last { link.acknowledge(through: last.tag) }
            }
            let policy = TestPolicy()
            try await test.running([test.contender(first, policy)]) {
                try await until("deliveries") { first.deliveries.count == 20 }
                policy.isEager = false
                policy.isUnwanted = true
                try await until("the loss") { first.events.last == .lost }
                #expect(first.events.filter { if case .settled = $0 { true } else { false } }.count == 20)
                try await post(test, "m21")
                let second = RecordingOwner()
                try await test.running([service(test, second)]) {
                    try await until("the delivery") { second.deliveries.count == 1 }
                }
                #expect(first.deliveries.count == 20)
            }
        }
    }
}
