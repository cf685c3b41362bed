import RabbitMQ
import RepriseBroker
import RepriseKernel

/// A dead letter as people and scripts read it.
enum DeadLetterText {
    static func table(_ letters: [DeadLetterEnvelope]) -> Table {
        var table = Table(["ID", "PUT ASIDE", "ROUTING KEY", "INSTANCE", "REASON"])
        for letter in letters {
            table.add([
                letter.id, letter.time.age, Text.cut(Text.line(letter.original.routingKey), to: 40),
                Text.cut(Text.line(letter.original.properties.correlationID ?? ""), to: 40), letter.reason,
            ])
        }
        return table
    }

    static func lines(_ letter: DeadLetterEnvelope, _ terminal: Terminal) -> [String] {
        let original = letter.original
        var fields: [(String, String)] = [
            ("id", letter.id), ("reason", letter.reason), ("code", letter.code),
            ("put aside", "\(letter.time.text)  (\(letter.time.age))"),
            ("exchange", original.exchange.isEmpty ? "(the default one)" : original.exchange),
            ("routing key", original.routingKey),
        ]
        func add(_ name: String, _ value: String?) { if let value { fields.append((name, value)) } }
        add("type", original.properties.type)
        add("message_id", original.properties.messageID)
        add("correlation_id", original.properties.correlationID)
        add("content_type", original.properties.contentType)
        add("app_id", original.properties.appID)
        for (name, value) in original.properties.headers.sorted(by: { $0.key < $1.key }) { add(name, text(value)) }
        switch original.body {
        case .bytes(let bytes): fields.append(("body", String(decoding: bytes, as: UTF8.self)))
        case .dropped(let size, _): fields.append(("body", "not kept: \(Amount.count(size)) bytes are too many"))
        }
        let width = fields.map { Text.columns($0.0) }.max() ?? 0
        return fields.map { name, value in terminal.paint(Text.pad(name, to: width + 2), .dim) + Text.line(value) }
    }

    static func json(_ letter: DeadLetterEnvelope) -> JSONObject {
        var object = JSONObject()
        object.add("id", letter.id)
        object.add("reason", letter.reason)
        object.add("code", letter.code)
        object.add("time", letter.time.text)
        object.add("exchange", letter.original.exchange)
        object.add("routingKey", letter.original.routingKey)
        object.add("type", letter.original.properties.type)
        object.add("messageId", letter.original.properties.messageID)
        object.add("correlationId", letter.original.properties.correlationID)
        var headers = JSONObject()
        for (name, value) in letter.original.properties.headers.sorted(by: { $0.key < $1.key }) {
            headers.add(name, text(value))
        }
        object.add("headers", headers)
        switch letter.original.body {
        case .bytes(let bytes): object.add("body", String(decoding: bytes, as: UTF8.self))
        case .dropped(let size, _): object.add("droppedBytes", size)
        }
        return object
    }

    private static func text(_ value: RabbitMQFieldValue) -> String {
        switch value {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .int(let value), .timestamp(let value): "\(value)"
        case .double(let value): "\(value)"
        default: "…"
        }
    }
}
