/// Identifies one entity: a name that says which code serves it, and a key that distinguishes it from the others of
/// that name.
///
/// Names are compared without regard to case and kept in lower case. A key may be empty; like an instance id it has at
/// most 256 characters, none of `/ \ ? #` and no control characters. Written `@name@key`.
public struct EntityID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Says which code serves it; in lower case.
    public let name: String
    /// Distinguishes it from the others of its name; may be empty.
    public let key: String

    /// - Throws: ``InvalidName`` that says which rule the name or the key breaks.
    public init(_ name: String, _ key: String = "") throws(InvalidName) {
        try RegisteredName.check(name, of: "an entity's name")
        guard !name.unicodeScalars.contains("@") else { throw InvalidName("an entity's name must not contain '@'") }
        let name = name.lowercased()
        // The id is an instance id like any other, except for its beginning.
        let whole = "@\(name)@\(key)"
        try InstanceID.check(whole)
        self.name = name
        self.key = key
    }

    /// Reads `@name@key`.
    public init(parsing text: String) throws(InvalidName) {
        guard let id = try InstanceID(entityOrInstance: text).entity else {
            throw InvalidName("an entity's id must be written @name@key; '\(text.prefix(60))' is not")
        }
        self = id
    }

    /// Read back from something checked before.
    init(trusted name: String, _ key: String) {
        self.name = name
        self.key = key
    }

    package var instance: InstanceID { InstanceID(trusted: description) }

    public var description: String { "@\(name)@\(key)" }

    /// The order in which several are locked, the same for everyone: byte by byte.
    public static func < (a: Self, b: Self) -> Bool {
        a.description.utf8.lexicographicallyPrecedes(b.description.utf8)
    }

    public static func == (a: Self, b: Self) -> Bool { a.instance == b.instance }

    public func hash(into hasher: inout Hasher) { hasher.combine(instance) }
}

extension InstanceID {
    /// Whether it names an entity.
    package var isEntity: Bool { value.utf8.first == UInt8(ascii: "@") }

    /// The entity that it names.
    package var entity: EntityID? {
        guard isEntity else { return nil }
        let rest = value.unicodeScalars.dropFirst()
        guard let separator = rest.firstIndex(of: "@"), separator > rest.startIndex else { return nil }
        return EntityID(trusted: String(rest[..<separator]), String(rest[rest.index(after: separator)...]))
    }

    /// Reads the id of an instance or, with a leading `@`, of an entity.
    package init(entityOrInstance text: String) throws(InvalidName) {
        guard text.utf8.first == UInt8(ascii: "@") else {
            try self.init(text)
            return
        }
        let rest = text.unicodeScalars.dropFirst()
        guard let separator = rest.firstIndex(of: "@") else {
            throw InvalidName("an id that begins with '@' names an entity and is written @name@key")
        }
        self = try EntityID(String(rest[..<separator]), String(rest[rest.index(after: separator)...])).instance
    }
}
