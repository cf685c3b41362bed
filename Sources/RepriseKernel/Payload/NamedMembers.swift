/// The members of an object by their names, which are the same only where their code units are.
///
/// Swift takes two texts for one where they look the same (`é` as one character, or as `e` and an accent); JSON does not,
/// and what lost one of the two would change data on its way. So no members are kept in a `[String: …]` here.
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

    /// Of a name that is given twice the first counts: every reader of JSON here has this one rule, as SQLite has it.
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
