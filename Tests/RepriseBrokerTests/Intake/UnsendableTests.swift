import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// A command whose copy or dead letter cannot be sent was published again each second, and never acked: behind 512
/// deliveries the intake of the whole hub stood still.
@Suite("What the hub cannot send on does not stop its intake", .live)
struct UnsendableTests {
    /// A hundred bytes for the broker, three hundred once they are read as UTF-8.
    private static let garbage = String(repeating: Character(Relay.placeholder), count: 100)

    /// Publishes the strange message and one that is in order, and gives the letter of the first one.
    private func letter(
        _ test: LiveHub,
        _ endpoint: BrokerEndpoint? = nil,
        forwarder: BrokerEndpoint? = nil,
        key: String,
        _ properties: RabbitMQProperties
    ) async throws -> RabbitMQDelivery {
        let sender = try await (endpoint ?? test.endpoint).open(for: "stranger")
        try await sender.connection.openChannel()
            .publish(RabbitMQMessage(properties: properties), exchange: test.names.commands, routingKey: key)
        try await test.publish("event.E", RabbitMQProperties(correlationID: "one", messageID: "in order"))
        let forwarder = IntakeForwarder(
            endpoint: forwarder ?? test.endpoint,
            topology: test.topology,
            logger: LiveHub.logger,
            retryPause: .milliseconds(50)
        )
        try await test.running([forwarder.run]) {
            let next = try await test.next(test.names.inbox(PartitionNumber(0)))
            #expect(next.properties.messageID == "in order")
            try await until("an empty intake") { try await test.depth(test.names.intake) == 0 }
        }
        await sender.connection.close()
        return try await test.next(test.names.dead)
    }

    @Test(
        "Bytes that are not UTF-8 grow when they are read",
        arguments: [
            ("start.A", RabbitMQProperties(correlationID: "one", messageID: garbage)),
            ("start.A", RabbitMQProperties(correlationID: "one", replyTo: garbage)),
            ("begin.A", RabbitMQProperties(contentType: garbage)),
            ("begin.A", RabbitMQProperties(contentEncoding: garbage)),
            ("begin.A", RabbitMQProperties(correlationID: garbage)), ("begin.A", RabbitMQProperties(type: garbage)),
            ("begin.A", RabbitMQProperties(appID: garbage)), ("begin.A", RabbitMQProperties(headers: [garbage: "x"])),
            ("begin.A", RabbitMQProperties(headers: ["reprise-" + garbage: "x"])),
        ]
    )
    func bytes(key: String, properties: RabbitMQProperties) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (relay, endpoint) = try test.relay(garbles: true)
            defer { relay.close() }
            let letter = DeadLetterEnvelope(try await letter(test, endpoint, key: key, properties))
            #expect(letter.code == "Invalid" && letter.original.routingKey == key)
            let kept = letter.original.properties
            for text in [kept.contentType, kept.contentEncoding, kept.correlationID, kept.type, kept.appID] {
                #expect(text.map { $0 == "one" || $0.utf8.count <= 255 && $0.hasPrefix("\u{FFFD}") } ?? true)
            }
        }
    }

    @Test("An event that fits into the sender's frame, and not into ours", arguments: [70_000, 127_000])
    func event(size: Int) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let data = "\"" + String(repeating: "x", count: size - 2) + "\""
            let properties = RabbitMQProperties(
                headers: ["reprise-event": "E", "reprise-event-data": .string(data)],
                correlationID: "one",
                messageID: "m"
            )
            let letter = DeadLetterEnvelope(try await letter(test, key: "start.A", properties))
            #expect(letter.code == "TooLarge" && letter.reason.contains("65536"), "\(letter.reason)")
        }
    }

    /// Nothing known needs it: a connection whose frames are smaller than any broker's makes the case.
    @Test("Whatever else cannot be sent leaves its names, size and hash")
    func lastResort() async throws {
        try await LiveHub.with(partitions: 1) { test in
            var small = test.endpoint
            small.configuration.frameMax = 4_096
            var properties = RabbitMQProperties(correlationID: "one", messageID: "m")
            properties.headers["reprise-tag-long"] = .string(String(repeating: "x", count: 3_300))
            let delivery = try await letter(test, forwarder: small, key: "start.A", properties)
            let letter = DeadLetterEnvelope(delivery)
            #expect(letter.code == "TooLarge" && letter.reason.contains("fit into a frame"), "\(letter.reason)")
            #expect(letter.original.exchange == test.names.commands && letter.original.routingKey == "start.A")
            #expect(letter.original.properties.correlationID == "one")
            #expect(delivery.properties.headers["reprise-size"] == "4")
            #expect(letter.retry(number: 0) == nil)
        }
    }
}
