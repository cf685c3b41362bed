import Foundation
package import RabbitMQ
package import RepriseEngine
package import RepriseKernel

/// An answer on its way to the sender's `reply_to`: JSON to commands, ``AnswerCodec``'s form to questions.
package enum AnswerEnvelope {
    private static let accepted = "accepted"
    private static let rejected = "rejected"
    private static let answer = "answer"

    /// One message may be as large as any other of the hub, so a long answer travels in parts.
    static let partBytes = 524_288
    /// A larger answer is refused: its reader holds all of it in memory.
    static let maximumBytes = 67_108_864

    // MARK: Writing

    /// The publications of an answer, in order.
    static func publications(of answer: Answer, to address: ReplyAddress) -> [RabbitMQPublication] {
        messages(for: answer, to: address).map {
            RabbitMQPublication(
                id: PublicationPurpose.unawaited.id,
                routingKey: address.queue,
                mandatory: false,
                message: $0
            )
        }
    }

    /// The messages of an answer, in order. They expire with their reader's queue, so they are not persistent.
    package static func messages(for answer: Answer, to address: ReplyAddress) -> [RabbitMQMessage] {
        switch answer {
        case .accepted(let instance, let events):
            var message = acceptance(of: instance, to: address)
            if !events.isEmpty {
                message.properties.headers[Header.waitingFor] = .array(events.map { .string($0) })
            }
            return [message]
        case .counted(let instance, let count):
            var message = acceptance(of: instance, to: address)
            message.properties.headers[Header.count] = .int(Int64(count))
            return [message]
        case .rejected(let rejection):
            let body = json(["code": rejection.code.rawValue, "reason": rejection.reason])
            var message = message(rejected, to: address, body: body)
            message.properties.headers[Header.code] = .string(rejection.code.rawValue)
            return [message]
        case .changes(let page):
            return [message(QueryEnvelope.changes, to: address, body: ChangesJSON.encode(page))]
        case .status, .instances, .health:
            let bytes = AnswerCodec.encode(answer)
            guard bytes.count <= maximumBytes else {
                let reason = "the answer has \(bytes.count) bytes, the limit is \(maximumBytes); ask for less at once"
                return messages(for: .rejected(Rejection(.tooLarge, reason)), to: address)
            }
            return parts(of: bytes, to: address)
        }
    }

    private static func acceptance(of instance: InstanceID, to address: ReplyAddress) -> RabbitMQMessage {
        var message = message(accepted, to: address, body: json(["instanceId": instance.value]))
        message.properties.headers[Header.instance] = .string(instance.value)
        return message
    }

    private static func parts(of bytes: [UInt8], to address: ReplyAddress) -> [RabbitMQMessage] {
        let count = max(1, (bytes.count + partBytes - 1) / partBytes)
        return (0..<count).map { part in
            let start = part * partBytes
            var message = message(answer, to: address, body: Array(bytes[start..<min(start + partBytes, bytes.count)]))
            message.properties.contentType = "application/octet-stream"
            message.properties.headers[Header.part] = .int(Int64(part))
            message.properties.headers[Header.parts] = .int(Int64(count))
            return message
        }
    }

    private static func message(_ type: String, to address: ReplyAddress, body: [UInt8]) -> RabbitMQMessage {
        RabbitMQMessage(
            properties: RabbitMQProperties(
                contentType: CommandEnvelope.contentType,
                persistent: false,
                correlationID: address.correlation,
                type: type
            ),
            body: body
        )
    }

    /// Keys in the order given.
    private static func json(_ fields: KeyValuePairs<String, String>) -> [UInt8] {
        let members = fields.map { key, value in
            Payload.string(key).bytes + [UInt8(ascii: ":")] + Payload.string(value).bytes
        }
        return [UInt8(ascii: "{")] + members.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
    }

    // MARK: Reading

    /// Puts the parts of one answer together. Parts come in order: one channel published them to one queue.
    package struct Assembly: Sendable {
        private var bytes: [UInt8] = []
        private var next: Int64 = 0

        package init() {}

        /// The answer, once this was its last part.
        package mutating func add(_ message: ReceivedMessage) throws(ByteReader.Damaged) -> Answer? {
            guard case .bytes(let body) = message.body else {
                throw ByteReader.Damaged(description: "an answer too large to read")
            }
            switch message.properties.type {
            case accepted:
                let fields = try AnswerEnvelope.fields(body)
                guard let instance = fields["instanceId"] else {
                    throw ByteReader.Damaged(description: "an answer without instanceId")
                }
                let count = message.properties.headers[Header.count]?.intValue.flatMap { OutsideNumber($0) }
                guard let count else {
                    var events: [String] = []
                    if case .array(let names)? = message.properties.headers[Header.waitingFor] {
                        events = names.compactMap(\.stringValue)
                    }
                    return .accepted(InstanceID(trusted: instance), waitingFor: events)
                }
                return .counted(InstanceID(trusted: instance), Int(clamping: count.value))
            case rejected:
                let fields = try AnswerEnvelope.fields(body)
                let code = fields["code"].flatMap(Rejection.Code.init) ?? .invalid
                return .rejected(Rejection(code, fields["reason"] ?? "no reason was given"))
            case answer:
                let headers = message.properties.headers
                guard let part = headers[Header.part]?.intValue, let parts = headers[Header.parts]?.intValue,
                    part == next,
                    part < parts, bytes.count + body.count <= maximumBytes
                else { throw ByteReader.Damaged(description: "a part of an answer is missing") }
                bytes += body
                next += 1
                return next == parts ? try AnswerCodec.decode(bytes) : nil
            default:
                throw ByteReader.Damaged(description: "an answer of an unknown type")
            }
        }
    }

    private static func fields(_ body: [UInt8]) throws(ByteReader.Damaged) -> [String: String] {
        do {
            try JSONCheck.check(body)
            return try JSONDecoder().decode([String: String].self, from: Data(body))
        } catch {
            throw ByteReader.Damaged(description: "an answer that is not an object of strings")
        }
    }
}
