import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("Answers on the wire")
struct AnswerEnvelopeTests {
    private let address = ReplyAddress(queue: "q", correlation: "c")

    private func assemble(_ messages: [RabbitMQMessage]) throws -> Answer? {
        var assembly = AnswerEnvelope.Assembly()
        var answer: Answer?
        for message in messages {
            #expect(answer == nil)
            answer = try assembly.add(ReceivedMessage(inbox: 0, message))
        }
        return answer
    }

    private func health() -> PartitionHealth {
        PartitionHealth(
            partition: PartitionNumber(3),
            node: "n",
            journal: "j",
            epoch: 1,
            commits: 2,
            sequence: 3,
            instances: 4,
            liveSessions: 5,
            unconfirmed: 6,
            retrying: 7,
            armedTimers: 8,
            droppedResults: 9,
            changedInputs: 10,
            clockDifference: .milliseconds(-10)
        )
    }

    private func working() -> PartitionHealth {
        var health = health()
        var work = PartitionWork()
        (work.commits, work.events, work.replays, work.refusals, work.quarantined) = (1, 2, 3, 4, 5)
        (work.committing, work.longestCommit) = (.microseconds(6), .microseconds(7))
        work.longestReplay = .microseconds(8)
        health.work = work
        health.awaitingEvents = 4
        return health
    }

    private var answers: [Answer] {
        let history = [
            HistoryRecord(.executionStarted(name: "A", input: .null), time: Timestamp(milliseconds: 1), version: 1),
            HistoryRecord(
                .executionCompleted(output: Payload(json: "[]")),
                time: Timestamp(milliseconds: 2),
                version: 2
            ),
        ]
        let failed = InstanceStatus.make(
            "two",
            failure: Failure(type: "T", message: "m", cause: Failure(type: "U", message: ""))
        )
        return [
            .accepted(InstanceID(checked: "a\"b")), .accepted(InstanceID(checked: "d"), waitingFor: ["E", "f"]),
            .counted(InstanceID(checked: "c"), 7),
            .rejected(Rejection(.unknownInstance, "no such instance: \"x\"\n")),
            .status(nil, history: []), .status(.make(), history: history), .status(failed, history: []),
            .instances(InstancePage(statuses: [.make(), failed], next: 5, sequence: 8)),
            .instances(InstancePage(statuses: [], next: nil, sequence: 0)), .health(health()), .health(working()),
        ]
    }

    @Test("What was missed is told to anyone as JSON, with the bodies that the messages had")
    func changes() throws {
        let failure = Failure(type: "T", message: "m")
        let page = ChangePage(
            status: .make(),
            messages: [.make(.customStatusSet, payload: #"{"a": 1}"#), .make(.failed, failure: failure)],
            next: 4
        )
        let messages = AnswerEnvelope.messages(for: .changes(page), to: ReplyAddress(queue: "q", correlation: "c"))
        let message = try #require(messages.first)
        #expect(messages.count == 1 && message.properties.type == "statuses" && message.properties.correlationID == "c")
        let body = String(decoding: message.body, as: UTF8.self)
        #expect(
            body.hasPrefix(
                #"{"instanceId":"one","name":"E1_HelloSequence","incarnation":3,"statusVersion":9,"version":9,"runtimeStatus":"Completed","#
                    + #""changes":[{"type":"CustomStatusSet","statusVersion":2,"version":2,"time":1700000000123,"body":{"a": 1}},"#
                    + #"{"type":"OrchestrationFailed","statusVersion":2,"version":2,"time":1700000000123,"body":{"type":"T","message":"m""#
            )
        )
        #expect(body.hasSuffix(#"],"next":4}"#))
        #expect(throws: Never.self) { try JSONCheck.check(message.body) }
    }

    @Test("Every answer arrives as it was sent")
    func roundTrip() throws {
        for answer in answers { #expect(try assemble(AnswerEnvelope.messages(for: answer, to: address)) == answer) }
    }

    @Test("Answers to commands are JSON, for everyone")
    func json() throws {
        let accepted = try #require(
            AnswerEnvelope.messages(for: .accepted(InstanceID(checked: "one")), to: address).first
        )
        #expect(accepted.properties.type == "accepted" && accepted.properties.correlationID == "c")
        #expect(accepted.body == Array(#"{"instanceId":"one"}"#.utf8))
        let rejection = Rejection(.alreadyExists, "it runs")
        let rejected = try #require(AnswerEnvelope.messages(for: .rejected(rejection), to: address).first)
        #expect(rejected.properties.type == "rejected")
        #expect(rejected.body == Array(#"{"code":"AlreadyExists","reason":"it runs"}"#.utf8))
    }

    @Test("A long answer travels in parts, and not without one of them")
    func parts() throws {
        var statuses: [InstanceStatus] = []
        for number in 0..<3 {
            var status = InstanceStatus.make("i\(number)")
            status.output = .string(String(repeating: "x", count: 400_000))
            statuses.append(status)
        }
        let answer = Answer.instances(InstancePage(statuses: statuses, next: nil, sequence: 1))
        var messages = AnswerEnvelope.messages(for: answer, to: address)
        #expect(messages.count == 3)
        #expect(messages.allSatisfy { $0.body.count <= 524_288 })
        #expect(try assemble(messages) == answer)
        messages.remove(at: 1)
        #expect(throws: ByteReader.Damaged.self) { try assemble(messages) }
    }

    @Test("An answer beyond all measure is refused with its size")
    func tooLarge() throws {
        var status = InstanceStatus.make()
        status.output = Payload(trusted: [UInt8](repeating: UInt8(ascii: "1"), count: AnswerEnvelope.maximumBytes))
        guard
            case .rejected(let rejection) = try assemble(
                AnswerEnvelope.messages(for: .status(status, history: []), to: address)
            )
        else {
            Issue.record("not refused")
            return
        }
        #expect(rejection.code == .tooLarge)
    }

    @Test("Damaged answers are refused and never trap", arguments: 0..<4)
    func hostile(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for answer in answers {
            let whole = AnswerCodec.encode(answer)
            for end in 0..<whole.count { _ = try? AnswerCodec.decode(Array(whole[..<end])) }
            for _ in 0..<2_000 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                _ = try? AnswerCodec.decode(bytes)
            }
        }
        #expect(throws: ByteReader.Damaged.self) { try AnswerCodec.decode([]) }
        #expect(throws: ByteReader.Damaged.self) { try AnswerCodec.decode([1, 99]) }
        #expect(throws: ByteReader.Damaged.self) { try AnswerCodec.decode([2, 1]) }
    }

    @Test("Questions arrive as they were asked")
    func queries() throws {
        for query in [
            Query.status(InstanceID(checked: "one"), history: true), .instances(after: 7, limit: 50), .health,
        ] {
            let message = QueryEnvelope.message(for: query, replyTo: address, expiration: .seconds(10))
            #expect(message.properties.expiration == "10000")
            let delivery = InboxEnvelope.read(ReceivedMessage(inbox: 0, message), tag: 1)
            guard case .query(let arrived) = delivery.message else {
                Issue.record("not a question: \(delivery.message)")
                return
            }
            #expect(arrived == query && delivery.replyTo == address)
        }
    }

    @Test("A page has a bound", arguments: [0, -1, 10_001, Int.max])
    func pageLimit(limit: Int) {
        let message = QueryEnvelope.message(
            for: .instances(after: 0, limit: limit),
            replyTo: address,
            expiration: .seconds(1)
        )
        guard case .unusable = InboxEnvelope.read(ReceivedMessage(inbox: 0, message), tag: 1).message else {
            Issue.record("usable")
            return
        }
    }
}
