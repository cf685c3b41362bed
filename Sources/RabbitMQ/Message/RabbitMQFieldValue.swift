/// The headers of a message, or the `x-arguments` of a declaration.
///
/// AMQP keeps the order of a table's entries and allows a key twice; neither survives here (the last one wins).
public typealias RabbitMQTable = [String: RabbitMQFieldValue]

/// A value of an AMQP table.
///
/// Nothing is lost between brokers and this type but the width of integers and floating-point numbers. Strings that are
/// not UTF-8 arrive as `bytes`. Tables nested deeper than `maximumDepth` levels arrive as `null` there, and are refused
/// with `.invalidArgument` on their way out.
public indirect enum RabbitMQFieldValue: Sendable, Equatable {
    /// Nothing.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number of any width; sent as 64 bits.
    case int(Int64)
    /// A floating-point number of any width; sent as 64 bits.
    case double(Double)
    /// A text in UTF-8.
    case string(String)
    /// Bytes, or a text that is not UTF-8.
    case bytes([UInt8])
    /// Seconds since 1970.
    case timestamp(Int64)
    /// `value` × 10 ^ −`scale`.
    case decimal(scale: UInt8, value: UInt32)
    /// Values in order.
    case array([RabbitMQFieldValue])
    /// Values by name.
    case table(RabbitMQTable)

    /// How deeply tables and arrays may nest.
    public static let maximumDepth = 32
}

extension RabbitMQFieldValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: RabbitMQFieldValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, RabbitMQFieldValue)...) {
        self = .table(RabbitMQTable(elements) { _, last in last })
    }
}

extension RabbitMQFieldValue {
    /// The text of a `string`, else `nil`.
    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

    /// The number of an `int` or a `timestamp`, else `nil`.
    public var intValue: Int64? {
        switch self {
        case .int(let value), .timestamp(let value): value
        default: nil
        }
    }

    /// The value of a `bool`, else `nil`.
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
}
