extension JSON {
    /// A number as it is written: `1.0` is not `1`, and a number of forty digits keeps all of them.
    public struct Number: Sendable, Hashable {
        /// Its text in JSON.
        public let text: String

        /// A value that is not finite has no JSON, and fails when it is written.
        public init(_ value: Double) {
            text = value == value.rounded() && abs(value) < 1e15 ? Self.whole(value) : "\(value)"
        }

        package init(text: String) { self.text = text }

        /// The nearest `Double`; infinite when the number is beyond its range.
        public var double: Double { Double(text) ?? .nan }

        /// As Swift's encoders write it.
        private static func whole(_ value: Double) -> String {
            value == 0 && value.sign == .minus ? "-0" : "\(Int64(value))"
        }
    }
}

extension JSON.Number: ExpressibleByFloatLiteral {
    public init(floatLiteral value: Double) { self.init(value) }
}
