/// A value as both evaluators compare it. A JSON value that is neither text nor a number is represented by its source
/// text.
enum ComparedValue: Hashable, Sendable {
    case integer(Int64)
    case real(Double)
    case text(String)
    /// `true`, `false`, `null`, or an array or object.
    case other(String)

    static let null = ComparedValue.other("null")
    static func bool(_ value: Bool) -> ComparedValue { .other(value ? "true" : "false") }

    /// Whether values of its kind are ordered.
    var isOrdered: Bool { if case .other = self { false } else { true } }

    /// The order of the two; nil when they are of different kinds, and so neither equal nor ordered.
    func order(to other: ComparedValue) -> Order? {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): Order(a, b)
        case (.real(let a), .real(let b)): Order(a, b)
        case (.integer(let a), .real(let b)): Self.order(a, b)
        case (.real(let a), .integer(let b)): Self.order(b, a).reversed
        case (.text(let a), .text(let b)), (.other(let a), .other(let b)): Self.order(a, b)
        default: nil
        }
    }

    enum Order {
        case before
        case same
        case after

        init<Value: Comparable>(_ a: Value, _ b: Value) { self = a < b ? .before : a == b ? .same : .after }

        var reversed: Order {
            switch self {
            case .before: .after
            case .same: .same
            case .after: .before
            }
        }
    }

    /// Exact, as SQLite compares them: not every integer is a `Double`.
    private static func order(_ a: Int64, _ b: Double) -> Order {
        guard b < 0x1p63 else { return .before }
        guard b >= -0x1p63 else { return .after }
        let whole = Int64(b)
        return a == whole ? Order(Double(whole), b) : Order(a, whole)
    }

    /// By bytes. Swift compares text by canonical equivalence.
    private static func order(_ a: String, _ b: String) -> Order {
        if a.utf8.elementsEqual(b.utf8) { return .same }
        return a.utf8.lexicographicallyPrecedes(b.utf8) ? .before : .after
    }
}

extension ComparedValue {
    static func == (a: Self, b: Self) -> Bool { a.order(to: b) == .same }

    func hash(into hasher: inout Hasher) {
        switch self {
        // Equal numbers of both kinds have the same hash.
        case .integer(let value): hasher.combine(Double(value))
        case .real(let value): hasher.combine(value)
        case .text(let text), .other(let text): for byte in text.utf8 { hasher.combine(byte) }
        }
    }
}
