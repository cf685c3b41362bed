/// Decodes nothing, and records what was asked for.
struct ProbingDecoder: Decoder {
    let notes: SchemaNotes
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        notes.beginObject()
        return KeyedDecodingContainer(ProbedObject(notes: notes))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Undescribed() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { ProbedValue(notes: notes) }
}

/// The type asks for more than a probe can answer.
private struct Undescribed: Error {}

private struct ProbedObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let notes: SchemaNotes
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }

    /// The caller can do without the value.
    func decodeNil(forKey key: Key) throws -> Bool {
        notes.mayLack(key)
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        guard let value = notes.note(type, key) else { throw Undescribed() }
        return value
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        notes.mayLack(key)
        return notes.note(type, key)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> { throw Undescribed() }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw Undescribed() }
    func superDecoder() throws -> any Decoder { throw Undescribed() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw Undescribed() }
}

private struct ProbedValue: SingleValueDecodingContainer {
    let notes: SchemaNotes
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let value = notes.note(type, nil) else { throw Undescribed() }
        return value
    }
}
