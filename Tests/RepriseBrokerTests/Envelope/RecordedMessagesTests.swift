import Foundation
import RabbitMQ
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseBroker

/// What the first release sent, as the broker showed it: see `Tests/Fixtures/first-release`.
@Suite("Messages of the first release")
struct RecordedMessagesTests {
    private let messages: [ReceivedMessage]
    private let hub = HubName(checked: "orders")
    private var names: HubNames { HubNames(hub) }

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/first-release/messages.jsonl")
        messages = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            try JSONDecoder().decode(Recording.self, from: Data(line.utf8)).message()
        }
        try #require(messages.count == 37)
    }

    private func inbox(_ type: String) throws -> InboundDelivery.Message {
        let message = try #require(
            messages.first { $0.routingKey == names.inbox(PartitionNumber(0)) && $0.properties.type == type }
        )
        return InboxEnvelope.read(message, tag: 1).message
    }

    @Test("Every command, from the command exchange and from an inbox")
    func commands() throws {
        let sent = messages.filter { $0.exchange == names.commands }
        let read = sent.compactMap { try? CommandEnvelope.read($0, hub: hub, randomID: { "drawn" }) }
        #expect(sent.count - read.count == 2, "all but the two that are not commands")
        #expect(Set(read.map(\.action.verb)) == [.start, .event, .suspend, .terminate, .purge])
        let start = try #require(read.first)
        #expect(start.instance.value == "done-1")
        #expect(start.action == .start(orchestrator: "E1_HelloSequence", input: .null))
        #expect(start.messageID == "key-1")
        #expect(read.contains { $0.instance.value == "größer 🚂" })
        #expect(
            read.contains {
                $0.messageID == "early-1" && $0.action == .raiseEvent(name: "CitySelected", .string("London"))
            }
        )
        for type in ["start", "event", "suspend", "terminate", "purge"] {
            guard case .command(let command) = try inbox(type) else {
                Issue.record("\(type) is not read from an inbox")
                continue
            }
            #expect(command.action.verb.rawValue == type)
            #expect(command.isInteractive)
        }
    }

    @Test("Tasks, results and questions")
    func work() throws {
        let tasks = try messages.filter { $0.routingKey.hasPrefix("reprise.orders.activity.") }.map {
            try TaskEnvelope.read($0, activity: String($0.routingKey.split(separator: ".").last ?? ""))
        }
        #expect(tasks.count == 5)
        #expect(tasks.filter { $0.task.input == .string("Tokyo") }.count == 1)
        guard case .result(let completed) = try inbox("ActivityCompleted"),
            case .result(let failed) = try inbox("ActivityFailed"), case .query(let query) = try inbox("query.status")
        else {
            Issue.record("a result or a question is not read")
            return
        }
        #expect(completed.outcome == .completed(.string("Hello Tokyo!")))
        #expect(tasks.contains { $0.token == completed.token.description }, "a result names the task it answers")
        guard case .failed(let failure) = failed.outcome else {
            Issue.record("\(failed.outcome)")
            return
        }
        #expect(failure.type == "InvalidUser")
        #expect(failure.isNonRetriable)
        #expect(query == .status(try InstanceID("done-1"), history: false))
    }

    @Test("Every kind of status message, with version and sequence")
    func statuses() throws {
        let statuses = try messages.filter { $0.exchange == names.statuses }.map { try StatusEnvelope.read($0) }
        #expect(
            Set(statuses.map(\.kind)) == [
                .started, .customStatusSet, .completed, .failed, .terminated, .suspended, .purged,
            ]
        )
        #expect(statuses.map(\.sequence) == statuses.map(\.sequence).sorted())
        #expect(statuses.first { $0.kind == .completed }?.version == 5)
        #expect(statuses.first { $0.kind == .failed }?.failure?.type == "UnknownChoice")
    }

    @Test("Answers and dead letters")
    func answers() throws {
        let answers = messages.filter { $0.routingKey.hasPrefix("reprise.orders.reply.") }
        #expect(answers.map(\.properties.type) == ["accepted", "answer"])
        for answer in answers {
            var assembly = AnswerEnvelope.Assembly()
            #expect(try assembly.add(answer) != nil)
        }
        let dead = messages.filter { $0.routingKey == names.dead }.map { DeadLetterEnvelope(RabbitMQDelivery($0)) }
        #expect(dead.map(\.code) == ["Invalid", "Invalid", "UnknownOrchestrator"])
        #expect(dead.map(\.original.routingKey) == ["dance", "start.CityRecommender", "start.Nope"])
    }
}

/// One line of the recording.
private struct Recording: Decodable {
    enum Header: Decodable {
        case text(String)
        case number(Int64)
        case truth(Bool)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let truth = try? value.decode(Bool.self) {
                self = .truth(truth)
            } else if let number = try? value.decode(Int64.self) {
                self = .number(number)
            } else {
                self = .text(try value.decode(String.self))
            }
        }

        var field: RabbitMQFieldValue {
            switch self {
            case .text(let text): .string(text)
            case .number(let number): .int(number)
            case .truth(let truth): .bool(truth)
            }
        }
    }

    struct Known: Decodable {
        var contentType, correlationID, replyTo, messageID, type, expiration: String?
        var timestamp: Int64?
        var headers: [String: Header]?

        enum CodingKeys: String, CodingKey {
            case contentType = "content_type"
            case correlationID = "correlation_id"
            case replyTo = "reply_to"
            case messageID = "message_id"
            case type, expiration, timestamp, headers
        }
    }

    var exchange: String
    var key: String
    var properties: Known
    var body: Data

    func message() -> ReceivedMessage {
        ReceivedMessage(
            exchange: exchange,
            routingKey: key,
            properties: RabbitMQProperties(
                contentType: properties.contentType,
                headers: (properties.headers ?? [:]).mapValues(\.field),
                correlationID: properties.correlationID,
                replyTo: properties.replyTo,
                expiration: properties.expiration,
                messageID: properties.messageID,
                timestamp: properties.timestamp,
                type: properties.type
            ),
            body: .bytes(Array(body))
        )
    }
}

extension RabbitMQDelivery {
    fileprivate init(_ message: ReceivedMessage) {
        self.init(
            tag: 1,
            consumerTag: "",
            redelivered: false,
            exchange: message.exchange,
            routingKey: message.routingKey,
            properties: message.properties,
            body: message.body
        )
    }
}
