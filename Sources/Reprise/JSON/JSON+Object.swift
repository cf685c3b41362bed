package import RepriseKernel

extension JSON {
    /// The members of an object. Names are equal only if their code units are: two that merely look alike are
    /// different.
    public struct Object: Sendable, Hashable {
        private var members: NamedMembers<JSON>

        package init(_ members: NamedMembers<JSON>) { self.members = members }

        /// An object without members.
        public init() { members = NamedMembers() }

        /// The last value wins when a name is given twice.
        public init(_ elements: some Sequence<(String, JSON)>) {
            self.init()
            for (name, value) in elements { members[name] = value }
        }

        /// The value of a member, nil when there is none; set it to nil to remove the member.
        public subscript(name: String) -> JSON? {
            get { members[name] }
            set { members[name] = newValue }
        }

        /// How many members it has.
        public var count: Int { members.count }
        /// Whether it has no members.
        public var isEmpty: Bool { members.isEmpty }

        /// In the order of their bytes.
        public var names: [String] { members.names }

        /// The object with only the members that satisfy the predicate.
        public func filter(_ isIncluded: (Element) throws -> Bool) rethrows -> Object {
            var kept = Object()
            for (name, value) in self where try isIncluded((name, value)) { kept[name] = value }
            return kept
        }
    }
}

extension JSON.Object: Sequence {
    public typealias Element = (key: String, value: JSON)

    /// In the order of the names' bytes.
    public func makeIterator() -> AnyIterator<Element> {
        var members = members.makeIterator()
        return AnyIterator { members.next().map { (key: $0.name, value: $0.value) } }
    }
}

extension JSON.Object: ExpressibleByDictionaryLiteral {
    /// The last value wins when a name is given twice.
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
