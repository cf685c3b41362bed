import RabbitMQ
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseBroker

@Suite("Tasks and their results on the wire")
struct TaskEnvelopeTests {
    private func task(_ message: TaskMessage = .sayHello()) throws -> TaskEnvelope {
        try TaskEnvelope.read(ReceivedMessage(publication(message)), activity: "E1_SayHello")
    }

    private func publication(_ message: TaskMessage = .sayHello()) -> RabbitMQPublication {
        TaskEnvelope.publication(of: message, number: 12, epoch: 4, partition: PartitionNumber(1), names: testNames)
    }

    private func result(_ message: ReceivedMessage) throws -> TaskResult? {
        guard case .result(let result) = InboxEnvelope.read(message, tag: 1).message else { return nil }
        return result
    }

    @Test("A task carries everything that any worker needs")
    func everything() throws {
        let publication = publication()
        #expect(publication.id == 12 && publication.mandatory)
        #expect(publication.exchange == "" && publication.routingKey == "reprise.test.activity.E1_SayHello")
        let properties = publication.message.properties
        #expect(properties.messageID == "test.1.7")
        #expect(properties.replyTo == "reprise.test.inbox.1")
        #expect(properties.correlationID == "one")
        #expect(properties.persistent && properties.contentType == "application/json")
        #expect(properties.headers["reprise-instance"] == "one")
        #expect(properties.headers["reprise-token"] == "3.1.1.0123456789abcdef0000000000000007")
        #expect(properties.headers["reprise-attempt"] == 1)
        #expect(properties.headers["reprise-partition"] == 1)
        #expect(properties.headers["reprise-epoch"] == 4)
        #expect(publication.message.body == Array(#""Tokyo""#.utf8))

        let task = try task()
        #expect(
            task.task
                == ActivityTask(
                    name: "E1_SayHello",
                    instance: InstanceID(checked: "one"),
                    input: Payload(json: #""Tokyo""#),
                    attempt: 1,
                    idempotencyKey: "test.1.7"
                )
        )
        #expect(task.refusal == nil)
    }

    @Test("An id beyond 255 bytes travels in the header alone")
    func longInstance() throws {
        let instance = String(repeating: "長", count: 100)
        #expect(publication(.sayHello(instance: instance)).message.properties.correlationID == nil)
        #expect(try task(.sayHello(instance: instance)).task.instance.value == instance)
    }

    @Test("A completed task comes back with its token")
    func completed() throws {
        let answer = ResultEnvelope.publication(of: .completed(Payload(json: "[1]")), to: try task())
        #expect(answer.routingKey == "reprise.test.inbox.1" && answer.exchange == "")
        #expect(answer.message.properties.type == "ActivityCompleted")
        #expect(answer.message.properties.correlationID == "one")
        let result = try result(ReceivedMessage(answer))
        #expect(
            result
                == TaskResult(
                    instance: InstanceID(checked: "one"),
                    token: TaskMessage.sayHello().token,
                    outcome: .completed(Payload(json: "[1]"))
                )
        )
    }

    @Test("A failed task comes back with all of its failure")
    func failed() throws {
        let failure = Failure(
            type: "NoSuchCity",
            message: "\"Atlantis\"\n",
            details: "at line 3",
            isNonRetriable: true,
            cause: Failure(type: "A", message: "b", cause: Failure(type: "C", message: "d"))
        )
        let answer = ResultEnvelope.publication(of: .failed(failure), to: try task())
        #expect(answer.message.properties.type == "ActivityFailed")
        #expect(try result(ReceivedMessage(answer))?.outcome == .failed(failure))
    }

    @Test("A result over the limit becomes a failure that names both sizes")
    func tooLarge() throws {
        let large = Payload(trusted: [UInt8](repeating: UInt8(ascii: "1"), count: 1_048_577))
        let answer = ResultEnvelope.publication(of: .completed(large), to: try task())
        guard case .failed(let failure) = try result(ReceivedMessage(answer))?.outcome else {
            Issue.record("not a failure")
            return
        }
        #expect(
            failure.type == "PayloadTooLarge" && failure.message.contains("1048577")
                && failure.message.contains("1048576")
        )
    }

    @Test("A failure over the limit is cut, and keeps its type")
    func largeFailure() throws {
        let failure = Failure(type: "Talkative", message: String(repeating: "x", count: 2_000_000))
        let answer = ResultEnvelope.publication(of: .failed(failure), to: try task())
        #expect(answer.message.body.count < 1_048_576)
        guard case .failed(let arrived) = try result(ReceivedMessage(answer))?.outcome else {
            Issue.record("not a failure")
            return
        }
        #expect(arrived.type == "Talkative")
    }

    @Test(
        "With a good token, a bad body fails the task instead of leaving its orchestration waiting",
        arguments: [
            ("ActivityCompleted", "{", "UnreadablePayload"), ("ActivityFailed", "{", "UnreadablePayload"),
            ("ActivityFailed", "", "ActivityFailed"), ("ActivityFailed", "\"boom\"", "ActivityFailed"),
            ("ActivityFailed", "[1]", "ActivityFailed"),
            ("ActivityFailed", #"{"type":7,"message":[]}"#, "ActivityFailed"),
            ("ActivityFailed", #"{"type":"X","message":"m","details":{"a":1},"cause":5}"#, "X"),
        ]
    )
    func badBody(type: String, body: String, failure: String) throws {
        var message = ReceivedMessage(ResultEnvelope.publication(of: .completed(.null), to: try task()))
        message.properties.type = type
        message.body = .bytes(Array(body.utf8))
        guard case .failed(let arrived) = try result(message)?.outcome else {
            Issue.record("not a failure")
            return
        }
        #expect(arrived.type == failure)
    }

    @Test("A failure of a hundred causes neither traps nor is lost")
    func deepCauses() throws {
        let body =
            String(repeating: #"{"type":"T","message":"m","cause":"#, count: 120) + "{}"
            + String(repeating: "}", count: 120)
        var message = ReceivedMessage(ResultEnvelope.publication(of: .completed(.null), to: try task()))
        message.properties.type = "ActivityFailed"
        message.body = .bytes(Array(body.utf8))
        guard case .failed(let arrived) = try result(message)?.outcome else {
            Issue.record("not a failure")
            return
        }
        #expect(arrived.type == "T")
    }

    @Test("Without a token that can be read, a result is unusable", arguments: ["", "3.1.1", "a.b.c.d", "3.1.1.00"])
    func badToken(token: String) throws {
        var message = ReceivedMessage(ResultEnvelope.publication(of: .completed(.null), to: try task()))
        message.properties.headers["reprise-token"] = .string(token)
        #expect(try result(message) == nil)
        message.properties.headers["reprise-token"] = nil
        #expect(try result(message) == nil)
    }

    @Test("A message that is not a task is distinguished from one whose input is bad")
    func strangeTasks() throws {
        var message = ReceivedMessage(publication())
        message.body = .bytes([0xFF])
        #expect(try TaskEnvelope.read(message, activity: "A").refusal?.type == "UnreadablePayload")
        message.body = .dropped(size: 2_000_000, fnv1a64: 1)
        #expect(try TaskEnvelope.read(message, activity: "A").refusal?.type == "PayloadTooLarge")
        for remove in ["reply_to", "token", "instance"] {
            var message = ReceivedMessage(publication())
            switch remove {
            case "reply_to": message.properties.replyTo = nil
            case "token": message.properties.headers["reprise-token"] = nil
            default:
                message.properties.headers["reprise-instance"] = nil
                message.properties.correlationID = nil
            }
            #expect(throws: Rejection.self, "\(remove)") { try TaskEnvelope.read(message, activity: "A") }
        }
    }

    // MARK: Tasks that came back

    private func deadLettered(reason: String) -> ReceivedMessage {
        var message = ReceivedMessage(publication())
        message.routingKey = testNames.intake
        message.properties.headers["x-first-death-queue"] = .string(testNames.activity("E1_SayHello"))
        message.properties.headers["x-first-death-reason"] = .string(reason)
        return message
    }

    private func lost(_ message: ReceivedMessage) throws(Rejection) -> (
        partition: PartitionNumber, message: RabbitMQMessage
    )? {
        try ResultEnvelope.lostTask(message, names: testNames, partitionCount: 4)
    }

    @Test(
        "A task whose workers died becomes its own failure",
        arguments: [
            ("delivery_limit", "died or gave the task back 11 times"), ("rejected", "refused"), ("expired", "in time"),
            ("maxlen", "a policy (overflow: drop-head)"),
        ]
    )
    func workerLost(reason: String, says: String) throws {
        let lost = try #require(try lost(deadLettered(reason: reason)))
        #expect(lost.partition == PartitionNumber(1))
        let result = try #require(try result(ReceivedMessage(inbox: 1, lost.message)))
        #expect(result.token == TaskMessage.sayHello().token)
        guard case .failed(let failure) = result.outcome else {
            Issue.record("not a failure")
            return
        }
        #expect(failure.type == "ActivityWorkerLost" && !failure.isNonRetriable)
        #expect(failure.message.contains(says) && failure.message.contains("E1_SayHello"))
    }

    @Test("A returned task is not sent wherever it says, only to an inbox of this hub")
    func forgedReply() throws {
        for queue in [
            "reprise.test.inbox.4", "reprise.other.inbox.1", "reprise.test.dead", "", "reprise.test.inbox.01",
        ] {
            var message = deadLettered(reason: "delivery_limit")
            message.properties.replyTo = queue
            #expect(throws: Rejection.self, "\(queue)") { try lost(message) }
        }
        #expect(try lost(ReceivedMessage(key: "start.A")) == nil)
    }
}
