import Foundation

/// Finds out what a type decodes by letting it decode nothing: it asks for its properties by name and type, and gets empty
/// ones.
struct SchemaProbe {
    /// The types being inspected: a recursive type would never end.
    private var path: [ObjectIdentifier] = []

    static let anything = JSON.object(JSON.Object())

    /// - Returns: also a value, where there is an empty one, so that the caller goes on to its next property.
    mutating func describe<Value: Decodable>(_ type: Value.Type) -> (schema: JSON, value: Value?) {
        if let plain = Self.plain(type) { return (plain.schema, plain.value as? Value) }
        if let special = type as? any SchemaDescribing.Type {
            return (special.schema(&self), special.emptyValue as? Value)
        }
        if let choice = type as? any (CaseIterable & RawRepresentable & Decodable).Type,
            let cases = Self.cases(of: choice)
        {
            return (["enum": .array(cases.map(\.raw))], cases.first?.value as? Value)
        }
        let id = ObjectIdentifier(type)
        guard !path.contains(id) else { return (Self.anything, nil) }
        path.append(id)
        defer { path.removeLast() }
        let notes = SchemaNotes(probe: self)
        let value = try? Value(from: ProbingDecoder(notes: notes))
        return (notes.schema(isWhole: value != nil), value ?? Self.firstCase(of: type))
    }

    /// Of an enumeration with raw values, whose cases cannot be listed, so that its owner goes on to its next property. In
    /// two bytes there is no reference, and two bytes of zeros are an enumeration's first case.
    private static func firstCase<Value>(of type: Value.Type) -> Value? {
        guard type is any RawRepresentable.Type, MemoryLayout<Value>.size <= 2 else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 2, alignment: 2) { memory in
            memory.initializeMemory(as: UInt8.self, repeating: 0)
            return memory.load(as: type)
        }
    }

    private static func plain(_ type: Any.Type) -> (schema: JSON, value: any Sendable)? {
        switch type {
        case is Bool.Type: (["type": "boolean"], false)
        case is String.Type: (["type": "string"], "")
        case is Double.Type: (["type": "number"], 0.0)
        case is Float.Type: (["type": "number"], Float(0))
        case let integer as any (FixedWidthInteger & Sendable).Type: (["type": "integer"], integer.init())
        case is JSON.Type: (anything, JSON.null)
        case is Date.Type: (["type": "string", "format": "date-time"], Date(timeIntervalSince1970: 0))
        case is URL.Type: (["type": "string", "format": "uri"], URL(fileURLWithPath: "/"))
        case is UUID.Type: (["type": "string", "format": "uuid"], UUID())
        case is Data.Type: (["type": "string", "contentEncoding": "base64"], Data())
        case is Decimal.Type: (["type": "number"], Decimal())
        default: nil
        }
    }

    private static func cases<Choice: CaseIterable & RawRepresentable>(
        of type: Choice.Type
    ) -> [(raw: JSON, value: Choice)]? {
        let cases = type.allCases.compactMap { choice -> (raw: JSON, value: Choice)? in
            switch choice.rawValue {
            case let text as String: (.string(text), choice)
            case let number as any BinaryInteger: Int64(exactly: number).map { (.integer($0), choice) }
            default: nil
            }
        }
        return cases.count == type.allCases.count ? cases : nil
    }
}

/// A type that describes its own schema.
private protocol SchemaDescribing {
    static func schema(_ probe: inout SchemaProbe) -> JSON
    static var emptyValue: Any { get }
}

extension Optional: SchemaDescribing where Wrapped: Decodable {
    fileprivate static func schema(_ probe: inout SchemaProbe) -> JSON {
        let wrapped = probe.describe(Wrapped.self).schema
        return wrapped == SchemaProbe.anything ? wrapped : ["anyOf": [wrapped, ["type": "null"]]]
    }
    fileprivate static var emptyValue: Any { Self.none as Any }
}

extension Array: SchemaDescribing where Element: Decodable {
    fileprivate static func schema(_ probe: inout SchemaProbe) -> JSON {
        ["type": "array", "items": probe.describe(Element.self).schema]
    }
    fileprivate static var emptyValue: Any { [Element]() }
}

extension Set: SchemaDescribing where Element: Decodable {
    fileprivate static func schema(_ probe: inout SchemaProbe) -> JSON {
        ["type": "array", "items": probe.describe(Element.self).schema, "uniqueItems": true]
    }
    fileprivate static var emptyValue: Any { Set<Element>() }
}

extension Dictionary: SchemaDescribing where Key: Decodable, Value: Decodable {
    fileprivate static func schema(_ probe: inout SchemaProbe) -> JSON {
        // Dictionaries with keys other than text are written as arrays.
        guard Key.self == String.self else { return SchemaProbe.anything }
        return ["type": "object", "additionalProperties": probe.describe(Value.self).schema]
    }
    fileprivate static var emptyValue: Any { [Key: Value]() }
}

/// What one type has asked for.
final class SchemaNotes {
    private var probe: SchemaProbe
    private var properties = JSON.Object()
    private var optional: Set<String> = []
    private var single: JSON?
    private var isObject = false

    init(probe: SchemaProbe) { self.probe = probe }

    func beginObject() { isObject = true }
    func mayLack(_ key: any CodingKey) { optional.insert(key.stringValue) }

    func note<Value: Decodable>(_ type: Value.Type, _ key: (any CodingKey)?) -> Value? {
        let (schema, value) = probe.describe(type)
        if let key { properties[key.stringValue] = schema } else { single = schema }
        return value
    }

    /// - Parameter isWhole: whether the type has asked for everything it reads.
    func schema(isWhole: Bool) -> JSON {
        if let single, !isObject { return single }
        guard isWhole, isObject else { return SchemaProbe.anything }
        let required = properties.names.filter { !optional.contains($0) }
        var schema: JSON.Object = ["type": "object", "properties": .object(properties)]
        if !required.isEmpty { schema["required"] = .array(required.map(JSON.string)) }
        return .object(schema)
    }
}
