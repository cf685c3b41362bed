import CRabbitMQ

/// Writes values into the pool of a connection, where librabbitmq finds them while it sends one method.
///
/// Everything here has passed `WireSize`: short names, a bounded depth, a size that fits.
struct Encoder {
    let connection: OpaquePointer

    func text(_ text: String) -> rmq_bytes {
        var text = text
        return text.withUTF8 { rmq_copy(connection, $0.baseAddress, $0.count) }
    }

    /// A property: absent when `nil`.
    func text(_ text: String?) -> rmq_bytes {
        if let text { self.text(text) } else { rmq_bytes() }
    }

    func bytes(_ bytes: [UInt8]) -> rmq_bytes {
        bytes.withUnsafeBytes { rmq_copy(connection, $0.baseAddress, $0.count) }
    }

    /// A table, with `added` replacing whatever the table has under the same name.
    func table(_ table: RabbitMQTable, adding added: (key: String, value: RabbitMQFieldValue)? = nil)
        -> UnsafeRawPointer?
    {
        var table = table
        if let added { table[added.key] = added.value }
        if table.isEmpty { return nil }
        let wire = rmq_table_new(connection, Int32(table.count))
        fill(wire, with: table)
        return UnsafeRawPointer(wire)
    }

    private func fill(_ wire: UnsafeMutableRawPointer, with table: RabbitMQTable) {
        var index: Int32 = 0
        for (key, value) in table {
            write(value, to: rmq_table_slot(wire, index, text(key)))
            index += 1
        }
    }

    private func write(_ value: RabbitMQFieldValue, to slot: UnsafeMutableRawPointer) {
        var flat = rmq_value()
        switch value {
        case .null: flat.kind = RMQ_VALUE_NULL
        case .bool(let value):
            flat.kind = RMQ_VALUE_BOOL
            flat.integer = value ? 1 : 0
        case .int(let value):
            flat.kind = RMQ_VALUE_INT
            flat.integer = value
        case .double(let value):
            flat.kind = RMQ_VALUE_DOUBLE
            flat.number = value
        case .string(let value):
            flat.kind = RMQ_VALUE_STRING
            flat.bytes = text(value)
        case .bytes(let value):
            flat.kind = RMQ_VALUE_BYTES
            flat.bytes = bytes(value)
        case .timestamp(let value):
            flat.kind = RMQ_VALUE_TIMESTAMP
            flat.integer = value
        case .decimal(let scale, let value):
            flat.kind = RMQ_VALUE_DECIMAL
            flat.scale = scale
            flat.integer = Int64(value)
        case .table(let table):
            return fill(rmq_set_table(connection, slot, Int32(table.count)), with: table)
        case .array(let values):
            let wire = rmq_set_array(connection, slot, Int32(values.count))
            for (index, value) in values.enumerated() { write(value, to: rmq_array_slot(wire, Int32(index))) }
            return
        }
        rmq_set(slot, flat)
    }

    func properties(_ properties: RabbitMQProperties, sequence: UInt64?) -> rmq_properties {
        var wire = rmq_properties()
        wire.present = UInt32(RMQ_HAS_DELIVERY_MODE)
        wire.delivery_mode = properties.persistent ? 2 : 1
        if let priority = properties.priority {
            wire.present |= UInt32(RMQ_HAS_PRIORITY)
            wire.priority = priority
        }
        if let timestamp = properties.timestamp {
            wire.present |= UInt32(RMQ_HAS_TIMESTAMP)
            wire.timestamp = UInt64(bitPattern: timestamp)
        }
        wire.content_type = text(properties.contentType)
        wire.content_encoding = text(properties.contentEncoding)
        wire.correlation_id = text(properties.correlationID)
        wire.reply_to = text(properties.replyTo)
        wire.expiration = text(properties.expiration)
        wire.message_id = text(properties.messageID)
        wire.type = text(properties.type)
        wire.user_id = text(properties.userID)
        wire.app_id = text(properties.appID)
        wire.headers = headers(properties.headers, sequence: sequence)
        return wire
    }

    /// Our own header, if a caller copied it from elsewhere, must not be mistaken for this publication's.
    private func headers(_ headers: RabbitMQTable, sequence: UInt64?) -> UnsafeRawPointer? {
        if let sequence {
            return table(headers, adding: (RabbitMQPublication.sequenceHeader, .int(Int64(bitPattern: sequence))))
        }
        if headers.isEmpty { return nil }
        guard headers[RabbitMQPublication.sequenceHeader] != nil else { return table(headers) }
        return table(headers.filter { $0.key != RabbitMQPublication.sequenceHeader })
    }
}
