/// The name of a task hub: one to forty of `a-z`, `0-9` and `-`. Every exchange and queue of the hub carries it.
public struct HubName: Hashable, Sendable, CustomStringConvertible {
    /// The name as text.
    public let value: String

    /// - Throws: ``InvalidName`` when the text is empty, too long, or has another character.
    public init(_ value: String) throws(InvalidName) {
        let legal = value.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        guard (1...40).contains(value.utf8.count), legal else {
            throw InvalidName("a hub name has 1 to 40 of a-z, 0-9 and '-'; '\(value.prefix(60))' does not")
        }
        self.value = value
    }

    public var description: String { value }
}

/// The rule for names of orchestrators, activities and events: 1 to 128 bytes of UTF-8 without control characters.
package enum RegisteredName {
    package static let maximumBytes = 128

    package static func check(_ name: String, of what: String) throws(InvalidName) {
        guard (1...maximumBytes).contains(name.utf8.count) else {
            throw InvalidName("\(what) has 1 to \(maximumBytes) bytes of UTF-8, this one has \(name.utf8.count)")
        }
        for scalar in name.unicodeScalars where scalar.properties.generalCategory == .control {
            throw InvalidName("\(what) must not contain control characters")
        }
    }
}
