/// What a JSON value looks like, in JSON Schema: for programs that show or check an orchestrator's status.
///
/// Nothing in Reprise checks a status against it: the orchestrator's type does that already.
public struct JSONSchema: Sendable, Hashable {
    /// The schema as JSON.
    public let json: JSON

    /// A schema as you write it.
    public init(_ json: JSON) { self.json = json }

    /// The schema of a type, as far as decoding it reveals.
    ///
    /// Described are structures whose `Codable` is synthesized or reads like it: their properties, which of them are
    /// required, optionals, arrays, sets, dictionaries with text keys, numbers, texts, dates, URLs, and enumerations
    /// with raw values: by their cases if they are `CaseIterable`, otherwise as any text or number. A type that cannot be
    /// inspected (an enumeration with associated values, a decoder that refuses empty values, a recursive type) gets the
    /// schema that accepts everything, which is true but says nothing: write the schema yourself then.
    public init<Value: Decodable>(of type: Value.Type) {
        var probe = SchemaProbe()
        json = probe.describe(type).schema
    }

    /// The same; nil when that says nothing.
    init?<Value: Decodable>(revealedBy type: Value.Type) {
        self.init(of: type)
        if isEmpty { return nil }
    }

    /// Whether it lets everything pass.
    public var isEmpty: Bool { json == .object([:]) }
}

extension JSONSchema: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) {
        json = .object(JSON.Object(elements))
    }
}
