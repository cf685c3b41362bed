extension JSON: Codable {
    /// From a payload: the exact text at this place in it. From any other decoder: whatever that decoder yields.
    public init(from decoder: any Decoder) throws {
        if let source = decoder.userInfo[.payloadSource] as? PayloadSource,
            let view = source.view(at: decoder.codingPath)
        {
            self = JSON(view)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(Number(value))
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            let members = try container.decode([String: JSON].self)
            self = .object(Object(members.map { ($0.key, $0.value) }))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let values = encoder.userInfo[.payloadValues] as? PayloadValues {
            return try container.encode(values.add(self))
        }
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value.double)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value):
            try container.encode(Dictionary(value.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }))
        }
    }
}
