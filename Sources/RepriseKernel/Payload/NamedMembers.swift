/// The members of an object by name; names are equal only if their code units are.
///
/// Swift treats two texts that look the same as equal (`é` as one character, or as `e` and an accent); JSON does not,
/// and losing one of the two would change data in transit. So members are never kept in a `[String: …]` here.
package struct NamedMembers<Value> {
    private struct Name: Hashable {
        var text: String

        static func == (a: Self, b: Self) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
        func hash(into hasher: inout Hasher) {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }

    private var values: [Name: Value] = [:]

    package init() {}

    package subscript(name: String) -> Value? {
        get { values[Name(text: name)] }
        set { values[Name(text: name)] = newValue }
    }

    /// The first wins when a name is given twice: every JSON reader here follows this rule, as SQLite does.
    package mutating func addIfNew(_ name: String, _ value: Value) {
        let name = Name(text: name)
        if values[name] == nil { values[name] = value }
    }

    package var count: Int { values.count }
    package var isEmpty: Bool { values.isEmpty }

    /// In the order of their bytes.
    package var names: [String] { map(\.name) }

    package func mapValues<Other>(_ transform: (Value) -> Other) -> NamedMembers<Other> {
        var others = NamedMembers<Other>()
        for (name, value) in values { others[name.text] = transform(value) }
        return others
    }
}

extension NamedMembers: Sequence {
    /// In the order of the names' bytes.
    package func makeIterator() -> AnyIterator<(name: String, value: Value)> {
        var sorted = values.sorted { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }.makeIterator()
        return AnyIterator { sorted.next().map { ($0.key.text, $0.value) } }
    }
}

extension NamedMembers: Sendable where Value: Sendable {}
extension NamedMembers: Equatable where Value: Equatable {}
extension NamedMembers: Hashable where Value: Hashable {}
