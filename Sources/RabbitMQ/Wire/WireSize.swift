/// How many bytes values take on the wire, and whether AMQP can carry them at all.
///
/// Checked before anything is handed to librabbitmq, which writes only the low byte of a name's length, and notices an
/// oversized table only after it has sent the first frame of the message: both would break the connection.
enum WireSize {
    /// What a frame carries besides properties or arguments: framing, class, flags, names, sizes.
    private static let frameOverhead = 1_024 + 64

    static func requireShort(_ text: String, _ what: String) throws(RabbitMQError) {
        let count = text.utf8.count
        if count > 255 {
            throw RabbitMQError(.invalidArgument, "\(what) has \(count) bytes; AMQP allows 255.")
        }
    }

    static func require(_ table: RabbitMQTable, _ what: String, fitInto frameMax: Int) throws(RabbitMQError) {
        if table.isEmpty { return }
        let size = try of(table, depth: 1)
        if size > frameMax - frameOverhead {
            throw RabbitMQError(
                .tooLarge,
                "\(what) take \(size) bytes; at most \(frameMax - frameOverhead) fit into a frame."
            )
        }
    }

    /// Checks everything that a publication sends besides its body, and returns its approximate size in bytes.
    static func check(_ publication: RabbitMQPublication, frameMax: Int) throws(RabbitMQError) -> Int {
        try requireShort(publication.exchange, "The exchange's name")
        try requireShort(publication.routingKey, "The routing key")
        let properties = publication.message.properties
        var size = 128 + publication.exchange.utf8.count + publication.routingKey.utf8.count
        var texts = 0
        func add(_ text: String?, _ what: String) throws(RabbitMQError) {
            guard let text else { return }
            try requireShort(text, what)
            texts += text.utf8.count + 1
        }
        try add(properties.contentType, "The content type")
        try add(properties.contentEncoding, "The content encoding")
        try add(properties.correlationID, "The correlation id")
        try add(properties.replyTo, "The reply-to")
        try add(properties.expiration, "The expiration")
        try add(properties.messageID, "The message id")
        try add(properties.type, "The type")
        try add(properties.userID, "The user id")
        try add(properties.appID, "The app id")
        try require(properties.headers, "The headers", fitInto: frameMax - texts)
        size += texts
        if !properties.headers.isEmpty { size += try of(properties.headers, depth: 1) }
        return size
    }

    static func of(_ table: RabbitMQTable, depth: Int) throws(RabbitMQError) -> Int {
        try requireDepth(depth)
        var size = 4
        for (key, value) in table {
            try requireShort(key, "A header's name")
            size += try 1 + key.utf8.count + of(value, depth: depth)
        }
        return size
    }

    private static func of(_ value: RabbitMQFieldValue, depth: Int) throws(RabbitMQError) -> Int {
        switch value {
        case .null: return 1
        case .bool: return 2
        case .int, .double, .timestamp: return 9
        case .decimal: return 6
        case .string(let text): return 5 + text.utf8.count
        case .bytes(let bytes): return 5 + bytes.count
        case .table(let table): return try 1 + of(table, depth: depth + 1)
        case .array(let values):
            try requireDepth(depth + 1)
            var size = 5
            for value in values { size += try of(value, depth: depth + 1) }
            return size
        }
    }

    private static func requireDepth(_ depth: Int) throws(RabbitMQError) {
        if depth > RabbitMQFieldValue.maximumDepth {
            throw RabbitMQError(
                .invalidArgument,
                "A table is nested deeper than \(RabbitMQFieldValue.maximumDepth) levels."
            )
        }
    }
}
