/// Identifies one orchestration instance within a hub.
///
/// One to 256 characters; no control characters, none of `/ \ ? #`, and no leading `@` (which names entities).
/// The same rule applies to AMQP, HTTP and the command line.
public struct InstanceID: Hashable, Sendable, CustomStringConvertible {
    /// The id as text.
    public let value: String

    /// The longest id, in characters.
    public static let maximumLength = 256

    /// - Throws: ``InvalidName`` that says which rule the text breaks.
    public init(_ value: String) throws(InvalidName) {
        guard value.unicodeScalars.first != "@" else { throw InvalidName("an instance id must not begin with '@'") }
        try Self.check(value)
        self.value = value
    }

    /// The rules shared by entity ids.
    static func check(_ value: String) throws(InvalidName) {
        guard !value.isEmpty else { throw InvalidName("an instance id must not be empty") }
        guard value.utf16.count <= maximumLength else {
            throw InvalidName(
                "an instance id may have at most \(maximumLength) characters, this one has \(value.utf16.count)"
            )
        }
        for scalar in value.unicodeScalars {
            switch scalar {
            case "/", "\\", "?", "#":
                throw InvalidName("an instance id must not contain '\(scalar)'")
            default:
                if scalar.properties.generalCategory == .control {
                    throw InvalidName("an instance id must not contain control characters")
                }
            }
        }
    }

    /// An id that was checked when it was first accepted, read back from the journal or one of our own messages.
    package init(trusted value: String) { self.value = value }

    public var description: String { value }

    /// Byte by byte, as the journal, the broker and the partition hash compare ids. Swift compares strings by canonical
    /// equivalence, which would merge two instances whose ids differ only in how an accent is encoded.
    public static func == (a: Self, b: Self) -> Bool { a.value.utf8.elementsEqual(b.value.utf8) }

    public func hash(into hasher: inout Hasher) {
        for byte in value.utf8 { hasher.combine(byte) }
    }
}

/// A name or id that breaks its rules; `reason` is a sentence for the sender.
public struct InvalidName: Error, Equatable, Sendable, CustomStringConvertible {
    /// Which rule is broken, and by what.
    public let reason: String
    package init(_ reason: String) { self.reason = reason }
    public var description: String { reason }
}
