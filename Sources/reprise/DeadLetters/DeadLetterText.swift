import RepriseEngine
import RepriseKernel

/// A dead letter as people read it.
enum DeadLetterText {
    static func table(_ letters: [StoredDeadLetter]) -> Table {
        var table = Table(["ID", "PUT ASIDE", "ROUTING KEY", "INSTANCE", "REASON"])
        for letter in letters {
            table.add([
                letter.id, letter.time.age, Text.cut(Text.line(letter.routingKey), to: 40),
                Text.cut(Text.line(letter.instance ?? ""), to: 40), letter.reason,
            ])
        }
        return table
    }

    static func lines(_ letter: StoredDeadLetter, _ terminal: Terminal) -> [String] {
        var fields: [(String, String)] = [
            ("id", letter.id), ("reason", letter.reason), ("code", letter.code),
            ("put aside", "\(letter.time.text)  (\(letter.time.age))"),
            ("exchange", letter.exchange.isEmpty ? "(the default one)" : letter.exchange),
            ("routing key", letter.routingKey),
        ]
        func add(_ name: String, _ value: String?) { if let value { fields.append((name, value)) } }
        add("type", letter.type)
        add("message_id", letter.messageID)
        add("correlation_id", letter.correlationID)
        add("content_type", letter.contentType)
        add("app_id", letter.appID)
        for header in letter.headers { add(header.name, header.text) }
        if let body = letter.body {
            fields.append(("body", String(decoding: body, as: UTF8.self)))
        } else {
            fields.append(("body", "not kept: \(Amount.count(letter.size)) bytes are too many"))
        }
        let width = fields.map { Text.columns($0.0) }.max() ?? 0
        return fields.map { name, value in terminal.paint(Text.pad(name, to: width + 2), .dim) + Text.line(value) }
    }
}
