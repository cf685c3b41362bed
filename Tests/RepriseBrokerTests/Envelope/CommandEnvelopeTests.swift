import RabbitMQ
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseBroker

@Suite("Commands on the wire")
struct CommandEnvelopeTests {
    private func read(_ message: ReceivedMessage) throws(Rejection) -> Command {
        try CommandEnvelope.read(message, hub: testHub, randomID: { "drawn" })
    }

    func rejection(_ message: ReceivedMessage) -> Rejection? {
        do {
            _ = try read(message)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "An address that the broker cannot have made gets no answer, and ends no connection (E18)",
        arguments: [
            "amq.rabbitmq.reply-to", "amq.rabbitmq.reply-to.", "amq.rabbitmq.reply-to.AAAA.BBBB",
            "amq.rabbitmq.reply-to.g1g=.BBBB", "amq.rabbitmq.reply-to.not base64.BBBB", "amq.rabbitmq.reply-to.AAAA",
            "amq.rabbitmq.reply-to.g2dkAAFhAAAAAQAAAAAA.BBBB", "amq.rabbitmq.reply-to-x",
        ]
    )
    func uselessReplyAddress(queue: String) {
        #expect(RabbitMQProperties(replyTo: queue).replyAddress == nil)
        #expect(RabbitMQProperties(replyTo: "my.\(queue)").replyAddress?.queue == "my.\(queue)")
    }

    @Test("The routing key says what is asked, the body is the input")
    func start() throws {
        let command = try read(
            ReceivedMessage(
                key: "start.E1_HelloSequence",
                RabbitMQProperties(contentType: "application/json", correlationID: "one", messageID: "m1"),
                body: #"{"city": "Tokyo"}"#
            )
        )
        #expect(command.instance.value == "one")
        #expect(command.action == .start(orchestrator: "E1_HelloSequence", input: Payload(json: #"{"city": "Tokyo"}"#)))
        #expect(command.messageID == "m1")
        #expect(!command.isOrdered && !command.isInteractive && command.deadline == nil)
    }

    @Test(
        "Each kind of command",
        arguments: [
            ("event.CitySelected", Command.Action.raiseEvent(name: "CitySelected", Payload(json: "1"))),
            ("event.With.Dots", .raiseEvent(name: "With.Dots", Payload(json: "1"))),
            ("start.a.b", .start(orchestrator: "a.b", input: Payload(json: "1"))),
            ("terminate", .terminate(reason: Payload(json: "1"))),
            ("cancel", .cancel(reason: Payload(json: "1"))),
            ("suspend", .suspend(reason: Payload(json: "1"))),
            ("resume", .resume(reason: Payload(json: "1"))),
            ("rewind", .rewind(reason: Payload(json: "1"))),
            ("resend", .resend),
            ("purge", .purge),
        ]
    )
    func kinds(key: String, action: Command.Action) throws {
        let command = try read(ReceivedMessage(key: key, RabbitMQProperties(correlationID: "one"), body: "1"))
        #expect(command.action == action)
    }

    @Test("The header names the instance before correlation_id does, also where AMQP's short strings end")
    func instanceHeader() throws {
        let long = String(repeating: "é", count: 256)
        let command = try read(
            ReceivedMessage(
                key: "purge",
                RabbitMQProperties(headers: ["reprise-instance": .string(long)], correlationID: "rpc-7")
            )
        )
        #expect(command.instance.value == long)
    }

    @Test("A start without an id is the same instance when it comes again, if it has a message id")
    func derivedInstance() throws {
        let message = ReceivedMessage(key: "start.A", RabbitMQProperties(messageID: "m1"))
        #expect(try read(message).instance == read(message).instance)
        #expect(
            try read(message).instance == DerivedIdentity.instanceID(hub: testHub, orchestrator: "A", messageID: "m1")
        )
        #expect(
            try read(ReceivedMessage(key: "start.B", RabbitMQProperties(messageID: "m1"))).instance
                != read(message).instance
        )
        #expect(try read(ReceivedMessage(key: "start.A")).instance.value == "drawn")
    }

    @Test("An empty body is null, and empty properties are absent ones")
    func nothing() throws {
        let command = try read(
            ReceivedMessage(
                key: "start.A",
                RabbitMQProperties(contentType: "", correlationID: "", replyTo: "", messageID: "")
            )
        )
        #expect(command.action == .start(orchestrator: "A", input: .null))
        #expect(command.instance.value == "drawn" && command.messageID == nil)
    }

    @Test("What cannot be used is refused with a sentence that says why", arguments: unusable)
    func garbage(_ unusable: Unusable) {
        let rejection = rejection(unusable.message)
        #expect(rejection?.code == unusable.code)
        #expect(rejection?.reason.contains(unusable.says) == true, "\(rejection?.reason ?? "accepted")")
    }

    @Test("A body that was never held in memory is too large, by its size")
    func droppedBody() {
        var message = ReceivedMessage(key: "start.A")
        message.body = .dropped(size: 200_000_000, fnv1a64: 7)
        #expect(rejection(message) == Rejection(.tooLarge, "the body has 200000000 bytes, the limit is 1048576"))
    }

    @Test("The largest body passes")
    func largestBody() throws {
        let body = "\"" + String(repeating: "x", count: 1_048_574) + "\""
        #expect(throws: Never.self) { try read(ReceivedMessage(key: "start.A", body: body)) }
    }

    @Test("Content types that mean JSON in UTF-8", arguments: ["application/json", "Application/JSON; charset=utf-8"])
    func contentTypes(type: String) {
        #expect(
            rejection(
                ReceivedMessage(
                    key: "start.A",
                    RabbitMQProperties(contentType: type, contentEncoding: "utf-8"),
                    body: "1"
                )
            ) == nil
        )
    }

    @Test(
        "A start's time is read as everywhere",
        arguments: ["2030-01-31T12:00:00+02:00", "2030-01-31 10:00", "1896084000000"]
    )
    func startTime(text: String) throws {
        guard case .start(let request) = try read(Self.stranger("start.A", ["reprise-start-at": .string(text)])).action
        else {
            Issue.record("not a start")
            return
        }
        #expect(request.startTime == Timestamp(milliseconds: 1_896_084_000_000))
    }

    /// Due at once: a client may count from any moment that there was.
    @Test(
        "A time may lie before 1970",
        arguments: [.int(-32_284_000_000_000), "-32284000000000"] as [RabbitMQFieldValue]
    )
    func distantTime(value: RabbitMQFieldValue) throws {
        guard case .start(let request) = try read(Self.stranger("start.A", ["reprise-start-at": value])).action else {
            Issue.record("not a start")
            return
        }
        #expect(request.startTime == Timestamp(milliseconds: -32_284_000_000_000))
    }

    @Test("A name that begins with a mark is a name", arguments: ["\u{1F3FB}", "\u{301}a"])
    func marks(name: String) throws {
        let message = ReceivedMessage(key: "event.\(name)", RabbitMQProperties(correlationID: "one"), body: "1")
        #expect(try read(message).action == .raiseEvent(name: name, Payload(json: "1")))
    }

    @Test("The id of an entity may be whole, if it is the routing key's")
    func wholeEntity() throws {
        let message = ReceivedMessage(key: "entity.Counter", RabbitMQProperties(correlationID: "@COUNTER@a@b"))
        #expect(try read(message).instance.value == "@counter@a@b")
        #expect(try read(ReceivedMessage(key: "entity.Counter")).instance.value == "@counter@")
    }

    @Test("What AMQP cannot carry on is refused", arguments: ["message_id", "reply_to"])
    func longShortStrings(property: String) {
        let grown = String(repeating: "\u{FFFD}", count: 86)
        var properties = RabbitMQProperties(correlationID: "one")
        if property == "message_id" { properties.messageID = grown } else { properties.replyTo = grown }
        #expect(
            rejection(ReceivedMessage(key: "start.A", properties))
                == Rejection(.invalid, "the \(property) has 258 bytes in UTF-8; AMQP allows 255")
        )
    }

    @Test("A sender that cannot be answered is not interactive")
    func interactive() throws {
        var properties = RabbitMQProperties(headers: ["reprise-interactive": true], correlationID: "a")
        #expect(try !read(ReceivedMessage(key: "purge", properties)).isInteractive)
        properties.replyTo = "somewhere"
        #expect(try read(ReceivedMessage(key: "purge", properties)).isInteractive)
    }

    private static let parent = TaskAddress(
        instance: InstanceID(checked: "parent"),
        token: TaskToken(incarnation: 4, task: TaskID(2), attempt: 1, secret: TaskSecret(high: 1, low: 2))
    )

    @Test(
        "A command reaches an inbox as it was sent",
        arguments: [
            Command.Action.start(orchestrator: "A.b", input: Payload(json: "[1]")),
            .raiseEvent(name: "E", Payload(json: "{}")), .terminate(reason: Payload(json: "\"enough\"")),
            .suspend(reason: .null), .resume(reason: .null), .rewind(reason: .null), .resend, .purge,
            .cancel(reason: .null), .cancel(reason: .string("x"), grace: .seconds(60), children: true, childOf: parent),
            .terminate(reason: .null, children: true, childOf: parent), .purge(children: true, childOf: parent),
        ]
    )
    func inbox(action: Command.Action) throws {
        let command = Command(
            instance: InstanceID(checked: String(repeating: "长", count: 200)),
            action: action,
            messageID: "m1",
            deadline: Timestamp(milliseconds: 123),
            timeout: .seconds(10),
            isOrdered: true,
            isInteractive: true
        )
        let reply = ReplyAddress(queue: "answers", correlation: "r1")
        let delivery = InboxEnvelope.read(
            ReceivedMessage(inbox: 2, CommandEnvelope.message(for: command, replyTo: reply)),
            tag: 9
        )
        guard case .command(let arrived) = delivery.message else {
            Issue.record("not a command: \(delivery.message)")
            return
        }
        #expect(arrived == command)
        #expect(delivery.replyTo == reply)
        #expect(delivery.tag == 9)
    }

    @Test("An expiration that no broker lets through is refused")
    func expiration() {
        let message = ReceivedMessage(
            inbox: 0,
            RabbitMQMessage(properties: RabbitMQProperties(correlationID: "a", expiration: "soon", type: "suspend"))
        )
        guard case .unusable(let rejection) = InboxEnvelope.read(message, tag: 1).message else {
            Issue.record("it was read")
            return
        }
        #expect(rejection.code == .invalid && rejection.reason.contains("whole number"))
    }

    @Test("Answers are correlated by request, message id or correlation id, whichever is there first")
    func replyAddress() {
        var properties = RabbitMQProperties(correlationID: "c", replyTo: "q")
        #expect(properties.replyAddress == ReplyAddress(queue: "q", correlation: "c"))
        properties.messageID = "m"
        #expect(properties.replyAddress == ReplyAddress(queue: "q", correlation: "m"))
        properties.headers["reprise-request"] = "r"
        #expect(properties.replyAddress == ReplyAddress(queue: "q", correlation: "r"))
        properties.headers["reprise-request"] = .string(String(repeating: "r", count: 256))
        #expect(properties.replyAddress == ReplyAddress(queue: "q", correlation: "m"))
        properties.replyTo = ""
        #expect(properties.replyAddress == nil)
    }

    @Test(
        "No one can have an answer put into a hub's own queues",
        arguments: [
            "reprise.test.journal.0", "reprise.test.hub", "reprise.other.inbox.1", "reprise.test", "reprise.test.reply",
        ]
    )
    func reservedReply(queue: String) {
        #expect(RabbitMQProperties(replyTo: queue).replyAddress == nil)
        #expect(RabbitMQProperties(replyTo: testNames.reply("abc")).replyAddress != nil)
    }

    @Test(
        "In an inbox, messages of no known type are unusable",
        arguments: [nil, "", "begin", "Start", "ActivityProgress"]
    )
    func unknownType(type: String?) {
        let delivery = InboxEnvelope.read(
            ReceivedMessage(inbox: 0, RabbitMQMessage(properties: RabbitMQProperties(type: type))),
            tag: 1
        )
        guard case .unusable(let rejection) = delivery.message else {
            Issue.record("usable: \(delivery.message)")
            return
        }
        #expect(rejection.code == .invalid)
    }
}
