import CRabbitMQ

// Everything here copies: the bytes of a frame are gone with the next one. Nothing traps, whatever the broker sent.

extension rmq_bytes {
    var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count) }

    var array: [UInt8] { [UInt8](buffer) }

    /// The text, with U+FFFD for whatever is not UTF-8.
    var text: String { String(decoding: buffer, as: UTF8.self) }

    /// The text of a property, `nil` when it is absent.
    var optionalText: String? { start == nil ? nil : text }
}

extension RabbitMQProperties {
    init(_ frame: rmq_properties) {
        self.init(
            contentType: frame.content_type.optionalText,
            contentEncoding: frame.content_encoding.optionalText,
            headers: RabbitMQTable(wire: frame.headers, depth: 1) ?? [:],
            persistent: frame.present & UInt32(RMQ_HAS_DELIVERY_MODE) != 0 && frame.delivery_mode == 2,
            priority: frame.present & UInt32(RMQ_HAS_PRIORITY) != 0 ? frame.priority : nil,
            correlationID: frame.correlation_id.optionalText,
            replyTo: frame.reply_to.optionalText,
            expiration: frame.expiration.optionalText,
            messageID: frame.message_id.optionalText,
            timestamp: frame.present & UInt32(RMQ_HAS_TIMESTAMP) != 0 ? Int64(bitPattern: frame.timestamp) : nil,
            type: frame.type.optionalText,
            userID: frame.user_id.optionalText,
            appID: frame.app_id.optionalText
        )
    }
}

extension RabbitMQTable {
    /// `nil` beyond `FieldValue.maximumDepth`: a header of 100 KB can nest 15,000 levels, and both this recursion and
    /// the release of such a value would use up the stack.
    init?(wire table: UnsafeRawPointer?, depth: Int) {
        self.init()
        guard let table else { return }
        if depth > RabbitMQFieldValue.maximumDepth { return nil }
        let count = rmq_table_count(table)
        reserveCapacity(Int(count))
        var index: Int32 = 0
        while index < count {
            var key = rmq_bytes()
            let value = rmq_table_value(table, index, &key)
            self[key.text] = RabbitMQFieldValue(wire: value, depth: depth)
            index += 1
        }
    }
}

extension RabbitMQFieldValue {
    init(wire value: rmq_value, depth: Int) {
        switch value.kind {
        case RMQ_VALUE_BOOL: self = .bool(value.integer != 0)
        case RMQ_VALUE_INT: self = .int(value.integer)
        case RMQ_VALUE_DOUBLE: self = .double(value.number)
        case RMQ_VALUE_STRING:
            let bytes = value.bytes.array
            self = String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(bytes)
        case RMQ_VALUE_BYTES: self = .bytes(value.bytes.array)
        case RMQ_VALUE_TIMESTAMP: self = .timestamp(value.integer)
        case RMQ_VALUE_DECIMAL: self = .decimal(scale: value.scale, value: UInt32(truncatingIfNeeded: value.integer))
        case RMQ_VALUE_TABLE: self = RabbitMQTable(wire: value.children, depth: depth + 1).map { .table($0) } ?? .null
        case RMQ_VALUE_ARRAY: self = Self.array(wire: value.children, depth: depth + 1).map { .array($0) } ?? .null
        default: self = .null
        }
    }

    private static func array(wire array: UnsafeRawPointer?, depth: Int) -> [RabbitMQFieldValue]? {
        guard let array else { return [] }
        if depth > maximumDepth { return nil }
        let count = rmq_array_count(array)
        var values: [RabbitMQFieldValue] = []
        values.reserveCapacity(Int(count))
        var index: Int32 = 0
        while index < count {
            values.append(RabbitMQFieldValue(wire: rmq_array_value(array, index), depth: depth))
            index += 1
        }
        return values
    }
}
