import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseBroker

@Suite("From the intake to the inboxes", .live)
struct IntakeForwarderTests {
    private func command(_ delivery: RabbitMQDelivery) throws -> Command {
        guard case .command(let command) = InboxEnvelope.read(ReceivedMessage(delivery), tag: 0).message else {
            throw Rejection(.invalid, "not a command")
        }
        return command
    }

    @Test("A command reaches its instance's partition, ordered, and keeps its sender's words")
    func forwards() async throws {
        try await LiveHub.with(partitions: 4) { test in
            try await test.running([test.forwarder().run]) {
                for id in ["a", "b", "c", "d", "e", "f"] {
                    try await test.publish(
                        "start.A",
                        RabbitMQProperties(correlationID: id, replyTo: "answers", messageID: "m-\(id)"),
                        body: "[1]"
                    )
                    let inbox = test.names.inbox(PartitionNumber(of: InstanceID(checked: id), count: 4))
                    let delivery = try await test.next(inbox)
                    let command = try command(delivery)
                    #expect(command.instance.value == id && command.messageID == "m-\(id)" && command.isOrdered)
                    #expect(command.action == .start(orchestrator: "A", input: Payload(json: "[1]")))
                    #expect(delivery.properties.replyAddress == ReplyAddress(queue: "answers", correlation: "m-\(id)"))
                    #expect(delivery.properties.persistent)
                }
            }
        }
    }

    /// A newcomer's first message was wrong, and no log anywhere said so.
    @Test("Garbage is said in the node's log, with the reason and where to look, and not for each message")
    func garbageIsSaid() async throws {
        let lines = LogLines()
        try await LiveHub.with { test in
            let forwarder = IntakeForwarder(endpoint: test.endpoint, topology: test.topology, logger: lines.logger)
            try await test.running([forwarder.run]) {
                for _ in 0..<5 { try await test.publish("start.A", RabbitMQProperties(correlationID: "a"), body: "{") }
                try await until("dead letters") { try await test.depth(test.names.dead) == 5 }
            }
        }
        let said = lines.all.filter { $0.contains("dead letter") }
        #expect(said.count == 1, "\(lines.all)")
        #expect(said.first?.contains("is a dead letter (Invalid): ") == true, "\(lines.all)")
        #expect(said.first?.hasSuffix("; see: reprise dead list") == true, "\(lines.all)")
    }

    @Test("A question reaches its instance's partition with the way back; without one it is refused")
    func questions() async throws {
        try await LiveHub.with(partitions: 2) { test in
            try await test.running([test.forwarder().run]) {
                try await test.publish(
                    "statuses",
                    RabbitMQProperties(
                        headers: ["reprise-after": 7],
                        correlationID: "a",
                        replyTo: "answers",
                        messageID: "q"
                    ),
                    body: ""
                )
                let delivery = try await test.next(
                    test.names.inbox(PartitionNumber(of: InstanceID(checked: "a"), count: 2))
                )
                let read = InboxEnvelope.read(ReceivedMessage(delivery), tag: 0)
                guard case .query(let query) = read.message else {
                    Issue.record("not a question: \(read.message)")
                    return
                }
                #expect(query == .changes(InstanceID(checked: "a"), after: 7))
                #expect(read.replyTo == ReplyAddress(queue: "answers", correlation: "q"))
                #expect(!delivery.properties.persistent && delivery.properties.expiration == "60000")

                try await test.publish("statuses", RabbitMQProperties(correlationID: "a", messageID: "r"), body: "")
                try await until("a dead letter") { try await test.depth(test.names.dead) == 1 }
            }
        }
    }

    @Test("One sender's order is kept, and the intake is empty in the end")
    func order() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let channel = try await test.channel()
            let count: UInt64 = 3_000
            channel.publish(
                (0..<count).map { number in
                    RabbitMQPublication(
                        id: number,
                        exchange: test.names.commands,
                        routingKey: "event.E",
                        message: RabbitMQMessage(
                            properties: RabbitMQProperties(correlationID: "one", messageID: "\(number)")
                        )
                    )
                }
            )
            try await test.running([test.forwarder().run]) {
                let reader = InboxReader()
                let consumer = try await test.live.connection.openChannel(confirms: false, onEvent: reader.handle)
                try await consumer.consume(test.names.inbox(PartitionNumber(0)), noAck: true)
                try await until("all events") { reader.ids.count >= count }
                #expect(reader.ids == (0..<count).map(String.init))
                try await until("an empty intake") { try await test.depth(test.names.intake) == 0 }
            }
        }
    }

    @Test("A forwarder that dies between publish and ack forwards again, and loses nothing")
    func dies() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let count = 2_000
            let channel = try await test.channel()
            channel.publish(
                (0..<UInt64(count)).map { number in
                    RabbitMQPublication(
                        id: number,
                        exchange: test.names.commands,
                        routingKey: "event.E",
                        message: RabbitMQMessage(
                            properties: RabbitMQProperties(correlationID: "one", messageID: "\(number)")
                        )
                    )
                }
            )
            let reader = InboxReader()
            let consumer = try await test.live.connection.openChannel(confirms: false, onEvent: reader.handle)
            try await consumer.consume(test.names.inbox(PartitionNumber(0)), noAck: true)
            let (relay, endpoint) = try test.relay()
            defer { relay.close() }
            let forwarder = IntakeForwarder(endpoint: endpoint, topology: test.topology, logger: LiveHub.logger)
            try await test.running([forwarder.run]) {
                var seen = 0
                for _ in 0..<5 {
                    // Each time in the middle of its work.
                    try await until("some more") {
                        reader.ids.count > seen + 100 || Set(reader.ids).count == count
                    }
                    relay.cut()
                    seen = reader.ids.count
                }
                try await until("all of them") { Set(reader.ids).count == count }
                try await until("an empty intake") { try await test.depth(test.names.intake) == 0 }
            }
        }
    }

    @Test(
        "What no one can use becomes a dead letter with its reason, and its sender is told",
        arguments: CommandEnvelopeTests.unusable.filter { $0.code == .invalid }
    )
    func garbage(_ unusable: CommandEnvelopeTests.Unusable) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let channel = try await test.channel()
            let answers = try await channel.declareQueue("", durable: false, exclusive: true).name
            let message = unusable.message
            var properties = message.properties
            properties.replyTo = answers
            try await channel.publish(
                RabbitMQMessage(properties: properties, body: message.body.bytes ?? []),
                exchange: test.names.commands,
                routingKey: message.routingKey
            )
            try await test.running([test.forwarder().run]) {
                let letter = DeadLetterEnvelope(try await test.next(test.names.dead))
                #expect(letter.code == unusable.code.rawValue)
                #expect(letter.reason.contains(unusable.says), "\(letter.reason)")
                #expect(letter.original.routingKey == message.routingKey)
                #expect(letter.original.exchange == test.names.commands)
                var assembly = AnswerEnvelope.Assembly()
                let answer = try assembly.add(ReceivedMessage(try await test.next(answers)))
                #expect(answer == .rejected(Rejection(unusable.code, letter.reason)))
                try await until("an empty intake") { try await test.depth(test.names.intake) == 0 }
            }
        }
    }

    @Test("A body over the limit leaves its size and hash, and the next message passes")
    func tooLarge() async throws {
        try await LiveHub.with(partitions: 1) { test in
            var endpoint = test.endpoint
            endpoint.configuration.maximumBodySize = 4_000_000
            let sender = try await endpoint.open(for: "large")
            let channel = try await sender.connection.openChannel()
            for size in [1_048_577, 3_000_000] {
                try await channel.publish(
                    RabbitMQMessage(
                        properties: RabbitMQProperties(correlationID: "one", messageID: "m"),
                        body: [UInt8](repeating: 0x20, count: size)
                    ),
                    exchange: test.names.commands,
                    routingKey: "start.A"
                )
            }
            let largest = [UInt8(ascii: "\"")] + [UInt8](repeating: 0x78, count: 1_048_574) + [UInt8(ascii: "\"")]
            try await channel.publish(
                RabbitMQMessage(properties: RabbitMQProperties(correlationID: "one"), body: largest),
                exchange: test.names.commands,
                routingKey: "start.A"
            )
            try await test.running([test.forwarder().run]) {
                for size in [1_048_577, 3_000_000] {
                    let letter = DeadLetterEnvelope(try await test.next(test.names.dead))
                    #expect(letter.code == "TooLarge" && letter.reason.contains("\(size)"))
                    guard case .dropped(let found, let hash) = letter.original.body else {
                        Issue.record("a body")
                        return
                    }
                    var expected = FNV1a()
                    expected.combine([UInt8](repeating: 0x20, count: size))
                    #expect(found == size && hash == expected.value)
                }
                #expect(try await test.next(test.names.inbox(PartitionNumber(0))).body.bytes == largest)
            }
            await sender.connection.close()
        }
    }

    @Test("An inbox that is gone is made again, and its commands wait in order meanwhile")
    func missingInbox() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let inbox = test.names.inbox(PartitionNumber(0))
            try await test.channel().deleteQueue(inbox)
            for number in 0..<5 {
                try await test.publish("event.E", RabbitMQProperties(correlationID: "one", messageID: "\(number)"))
            }
            try await test.running([test.forwarder().run]) {
                for number in 0..<5 {
                    let id = try await untilFound("the inbox") {
                        // A channel each, since asking for a queue that is not there closes it.
                        (try? await test.channel().get(inbox, noAck: true)) ?? nil
                    }.properties.messageID
                    #expect(id == "\(number)")
                }
            }
        }
    }
}

/// Writes down the message ids of what a consumer gets.
final class InboxReader: Sendable {
    private let state = Mutex<[String]>([])
    var ids: [String] { state.withLock { $0 } }

    @Sendable func handle(_ event: RabbitMQChannelEvent) {
        guard case .deliveries(let deliveries) = event else { return }
        state.withLock { $0 += deliveries.map { $0.properties.messageID ?? "" } }
    }
}
