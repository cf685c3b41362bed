/// Which node of a hub: drawn when its process starts, so that a node that comes back is another one. Its name, which
/// people give and may give twice, is not this.
package struct NodeID: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static func < (a: NodeID, b: NodeID) -> Bool { a.rawValue < b.rawValue }
}

extension NodeID: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self.init(rawValue: value) }
}

extension NodeID: CustomStringConvertible {
    package var description: String { rawValue }
}
