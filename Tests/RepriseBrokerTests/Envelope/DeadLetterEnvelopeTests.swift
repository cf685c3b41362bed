import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("Dead letters on the wire")
struct DeadLetterEnvelopeTests {
    private let original = ReceivedMessage(
        key: "start.Nobody",
        RabbitMQProperties(
            contentType: "application/json",
            headers: ["reprise-instance": "one", "tenant": "blue", "retries": 3],
            correlationID: "one",
            replyTo: "answers",
            messageID: "m1",
            type: "start",
            userID: "guest",
            appID: "shop"
        ),
        body: "[1, 2]"
    )

    private func letter(_ original: ReceivedMessage) -> DeadLetterEnvelope {
        DeadLetterEnvelope(
            id: "d1",
            reason: "nobody knows 'Nobody'",
            code: "UnknownOrchestrator",
            time: Timestamp(milliseconds: 1_700_000_000_000),
            original: original
        )
    }

    private func stored(_ original: ReceivedMessage) -> RabbitMQDelivery {
        RabbitMQDelivery(letter(original).publication(number: 5, names: testNames))
    }

    @Test("The letter tells its story in headers, and the body stays as it was")
    func headers() {
        let publication = letter(original).publication(number: 5, names: testNames)
        #expect(publication.exchange == "" && publication.routingKey == "reprise.test.dead" && publication.mandatory)
        let properties = publication.message.properties
        #expect(properties.messageID == "d1" && properties.replyTo == nil && properties.userID == nil)
        for (header, value) in [
            ("reprise-reason", "nobody knows 'Nobody'"), ("reprise-code", "UnknownOrchestrator"),
            ("reprise-exchange", "reprise.test"), ("reprise-routing-key", "start.Nobody"), ("reprise-message-id", "m1"),
            ("reprise-reply-to", "answers"), ("reprise-user-id", "guest"), ("tenant", "blue"),
        ] { #expect(properties.headers[header]?.stringValue == value, "\(header)") }
        #expect(publication.message.body == Array("[1, 2]".utf8))
    }

    @Test("A retry publishes the original, which no one waits for any more")
    func retry() throws {
        var waited = original
        waited.properties.headers["reprise-deadline"] = 5
        waited.properties.headers["reprise-interactive"] = true
        waited.properties.expiration = "5"
        let again = try #require(DeadLetterEnvelope(stored(waited)).retry(number: 1))
        #expect(again.exchange == "reprise.test" && again.routingKey == "start.Nobody" && again.mandatory)
        var expected = original.properties
        expected.replyTo = nil
        expected.userID = nil
        #expect(again.message.properties == expected)
        #expect(again.message.body == Array("[1, 2]".utf8))
    }

    @Test("A command found in an inbox goes back through the command exchange")
    func fromInbox() throws {
        let command = Command(instance: InstanceID(checked: "one"), action: .raiseEvent(name: "A.b", .null))
        let read = DeadLetterEnvelope(stored(ReceivedMessage(inbox: 3, CommandEnvelope.message(for: command))))
        #expect(read.original.exchange == "reprise.test" && read.original.routingKey == "event.A.b")
    }

    /// Above 1,024 bytes it was left out: the retried start ran without its event's data.
    @Test("All that a command can say is retried: tags, and the event that comes with a start")
    func wholeRetry() throws {
        var start = original
        start.properties.headers["reprise-event"] = "E"
        start.properties.headers["reprise-event-data"] = .string("\"" + String(repeating: "x", count: 65_534) + "\"")
        for number in 0..<64 {
            start.properties.headers["reprise-tag-\(number)"] = .string(String(repeating: "t", count: 120))
        }
        let letter = stored(start)
        #expect(throws: Never.self) { try CommandEnvelope.read(start, hub: testHub, randomID: { "drawn" }) }
        let again = try #require(DeadLetterEnvelope(letter).retry(number: 1))
        #expect(again.message.properties.headers == start.properties.headers)
        #expect(try ReceivedMessage(encoded: start.encoded()) == start)
        for (_, value) in letter.properties.headers {
            #expect(value.stringValue.map { $0.utf8.count < 100_000 } ?? true)
        }
    }

    @Test("What one partition asked another goes back to the inbox: strangers may not ask for it")
    func fromAPartition() throws {
        let start = Command(
            instance: InstanceID(checked: "one"),
            action: .start(StartRequest(orchestrator: "A", input: .null, takesUp: true))
        )
        let read = DeadLetterEnvelope(stored(ReceivedMessage(inbox: 3, CommandEnvelope.message(for: start))))
        let again = try #require(read.retry(number: 1))
        #expect(again.exchange == "" && again.routingKey == testNames.inbox(PartitionNumber(3)))
        let delivery = InboxEnvelope.read(ReceivedMessage(again), tag: 1)
        guard case .command(let command) = delivery.message else {
            Issue.record("not a command: \(delivery.message)")
            return
        }
        #expect(command.action == start.action)
    }

    @Test("Of a body that was dropped, size and hash remain, and there is nothing to retry")
    func dropped() throws {
        var large = original
        large.body = .dropped(size: 200_000_000, fnv1a64: 0xABCD_EF01_2345_6789)
        let delivery = stored(large)
        #expect(delivery.properties.headers["reprise-size"] == "200000000")
        #expect(delivery.properties.headers["reprise-hash"] == "abcdef0123456789")
        let read = DeadLetterEnvelope(delivery)
        #expect(read.original.body == large.body)
        #expect(read.retry(number: 1) == nil)
    }

    @Test("Headers that steer the broker, nest or sprawl are not repeated")
    func hostileHeaders() {
        var hostile = original
        hostile.properties.headers["CC"] = ["reprise.test.inbox.0"]
        hostile.properties.headers["BCC"] = "reprise.test.inbox.0"
        hostile.properties.headers["x-death"] = [[:]]
        hostile.properties.headers["nested"] = ["a": ["b": 1]]
        hostile.properties.headers["long"] = .string(String(repeating: "x", count: 5_000))
        hostile.properties.headers["reprise-reason"] = "all is well"
        hostile.properties.headers["reprise-long"] = .string(String(repeating: "z", count: 120_000))
        for number in 0..<500 { hostile.properties.headers["h\(number)"] = .string(String(repeating: "y", count: 900)) }
        let kept = letter(hostile).publication(number: 1, names: testNames).message.properties.headers
        for header in ["CC", "BCC", "x-death", "nested", "long", "reprise-long"] {
            #expect(kept[header] == nil, "\(header)")
        }
        #expect(kept["reprise-reason"]?.stringValue == "nobody knows 'Nobody'")
        #expect(kept["reprise-instance"] == "one")
        #expect(kept.count < 40)
    }

    @Test("Whatever lies in the queue can be shown")
    func strangeLetter() {
        let read = DeadLetterEnvelope(
            RabbitMQDelivery(
                RabbitMQPublication(id: 0, routingKey: "reprise.test.dead", message: RabbitMQMessage(body: [0xFF]))
            )
        )
        #expect(read.id == "" && read.reason == "" && read.original.body == .bytes([0xFF]))
    }

    @Test("The engine can keep a message and give it back, whole")
    func keptMessage() throws {
        for body in [RabbitMQBody.bytes([1, 2, 3]), .bytes([]), .dropped(size: .max, fnv1a64: .max)] {
            var message = original
            message.body = body
            #expect(try ReceivedMessage(encoded: message.encoded()) == message)
        }
    }

    @Test("Damaged bytes of a kept message are refused and never trap")
    func damagedMessage() {
        let whole = original.encoded()
        for end in 0..<whole.count {
            #expect(throws: ByteReader.Damaged.self) { try ReceivedMessage(encoded: Array(whole[..<end])) }
        }
        var random = SeededRandom(seed: 7)
        for _ in 0..<5_000 {
            var bytes = whole
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            _ = try? ReceivedMessage(encoded: bytes)
        }
    }
}
