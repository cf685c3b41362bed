/// A word of an open set: a hub of a later release may say one that this release has no name for. Compare it with those that
/// it has names for, and expect others.
public protocol OpenWord: RawRepresentable, Hashable, Sendable, CustomStringConvertible where RawValue == String {
    /// Any word is one.
    init(rawValue: String)
}

extension OpenWord {
    /// The word itself.
    public var description: String { rawValue }
}
