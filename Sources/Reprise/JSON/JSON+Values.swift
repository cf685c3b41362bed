import RepriseKernel

/// JSON of Swift values, and Swift values of JSON.
///
/// ```swift
/// let packed = 3
/// let status: JSON = ["stage": "packing", "packed": JSON(packed)]
/// let stage = status["stage"]?.string
/// ```
extension JSON {
    /// True or false.
    public init(_ value: Bool) { self = .bool(value) }
    /// A whole number.
    public init(_ value: Int) { self = .integer(Int64(value)) }
    /// A whole number.
    public init(_ value: Int64) { self = .integer(value) }
    /// A number. What is not finite has no JSON, and fails when it is written.
    public init(_ value: Double) { self = .number(Number(value)) }
    /// A text.
    public init(_ value: String) { self = .string(value) }

    /// Anything that can be encoded.
    ///
    /// - Throws: ``Failure`` of type `UnreadablePayload` for what JSON cannot hold.
    public init(_ value: some Encodable) throws {
        self = JSON(JSONView(try PayloadCoding.encode(value, as: "a \(type(of: value))")))
    }

    /// Reads it as a value of your own.
    ///
    /// - Throws: ``Failure`` of type `UnreadablePayload` when it is none.
    public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try PayloadCoding.decode(type, from: try PayloadCoding.encode(self, as: "a JSON value"), as: "the JSON")
    }

    /// Whether it is null.
    public var isNull: Bool { self == .null }

    /// True or false; nil for anything else.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// A whole number; nil for anything else, and for one that an `Int` does not hold.
    public var int: Int? {
        switch self {
        case .integer(let value): Int(exactly: value)
        case .number(let value): Int(exactly: value.double)
        default: nil
        }
    }

    /// A number, as near as there is; nil for anything else.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value.double
        default: nil
        }
    }

    /// A text; nil for anything else.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The elements of an array; nil for anything else.
    public var array: [JSON]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members of an object; nil for anything else.
    public var object: Object? { if case .object(let members) = self { members } else { nil } }
}

extension JSON: ExpressibleByStringInterpolation {}
