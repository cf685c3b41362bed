extension JSON {
    /// A number as it is written: `1.0` is not `1`, and one of forty digits has all of them.
    public struct Number: Sendable, Hashable {
        /// As it stands in JSON.
        public let text: String

        /// What is not finite has no JSON, and fails when it is written.
        public init(_ value: Double) {
            text = value == value.rounded() && abs(value) < 1e15 ? Self.whole(value) : "\(value)"
        }

        package init(text: String) { self.text = text }

        /// The nearest there is; infinite where it is beyond them all.
        public var double: Double { Double(text) ?? .nan }

        /// As encoders of Swift write it.
        private static func whole(_ value: Double) -> String {
            value == 0 && value.sign == .minus ? "-0" : "\(Int64(value))"
        }
    }
}

extension JSON.Number: ExpressibleByFloatLiteral {
    public init(floatLiteral value: Double) { self.init(value) }
}
