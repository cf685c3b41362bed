/// Any JSON value, for inputs, outputs and statuses whose shape is not fixed.
///
/// A value passed on is exactly the value received: numbers keep their text, however long, and names are distinguished
/// by their code units. That holds wherever Reprise reads and writes, also for a `JSON` within a type of your own; your
/// own `JSONEncoder` writes a number as an `Int64` or a `Double` would hold it.
public enum JSON: Sendable, Hashable {
    /// The JSON null.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number that fits in 64 bits, written as one.
    case integer(Int64)
    /// Any other number.
    case number(Number)
    /// A text.
    case string(String)
    /// Values in order.
    case array([JSON])
    /// Values by name.
    case object(Object)

    /// The member of an object, nil for anything else.
    public subscript(key: String) -> JSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The element of an array, nil for anything else and outside its bounds.
    public subscript(index: Int) -> JSON? {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(Number(value)) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// The last value wins when a key is given twice.
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Object(elements)) }
}
