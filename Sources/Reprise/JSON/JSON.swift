/// Any JSON value, for inputs, outputs and statuses whose shape is not fixed.
///
/// A value that is handed on is the value that came: numbers keep their text, however long, and names are told apart by
/// their code units. That holds wherever Reprise reads and writes, also for a `JSON` within a type of your own; a
/// `JSONEncoder` of yours writes a number as what an `Int64` or a `Double` keeps of it.
public enum JSON: Sendable, Hashable {
    /// Nothing, as JSON writes it.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number that 64 bits hold, written as one.
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
    /// The last value wins where a key is given twice.
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Object(elements)) }
}
