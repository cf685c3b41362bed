/// A state of an instance: the incarnation of its id, and the status version within that. The later of two is the
/// greater one.
public struct Revision: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Rises when an id is started again.
    package let incarnation: Incarnation
    /// From 1 within an incarnation.
    public let version: Int64

    package init(incarnation: Incarnation, version: Int64) {
        self.incarnation = incarnation
        self.version = version
    }

    package init(_ status: InstanceStatus) { self.init(incarnation: status.incarnation, version: status.version) }

    package init(_ message: StatusMessage) { self.init(incarnation: message.incarnation, version: message.version) }

    /// Reads `7.3`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard let numbers = OutsideNumber.list(text), numbers.count == 2 else { return nil }
        self.init(incarnation: Incarnation(rawValue: numbers[0]), version: numbers[1])
    }

    /// Reads an `ETag`: `"7.3"`, weak or not.
    package init?(tag: some StringProtocol) {
        let name = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]
        guard name.count > 2, name.hasPrefix("\""), name.hasSuffix("\"") else { return nil }
        self.init(name.dropFirst().dropLast())
    }

    public static func < (a: Self, b: Self) -> Bool { (a.incarnation, a.version) < (b.incarnation, b.version) }

    /// `7.3`
    public var description: String { "\(incarnation).\(version)" }

    /// As an `ETag`.
    package var tag: String { "\"\(self)\"" }
}
