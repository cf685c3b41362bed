/// Which instances a node runs, by the version of its own code.
public struct VersionPolicy: Equatable, Sendable {
    /// Which versions fit.
    public enum Match: String, Sendable, CaseIterable {
        /// All, whatever their version: for nodes whose code fits every history.
        case any
        /// Those of exactly this version.
        case strict
        /// Those of this version and earlier ones, and those without; a node without a version runs only the latter.
        case currentOrOlder
    }

    /// What happens to an instance that does not fit.
    public enum Mismatch: String, Sendable, CaseIterable {
        /// It waits until a node of a matching version has the partition.
        case wait
        /// It fails.
        case fail
    }

    /// The version given to instances whose start names none.
    public var version: String?
    /// Which versions fit this node's code.
    public var match: Match
    /// What happens to an instance that does not fit.
    public var mismatch: Mismatch

    /// Creates a policy; with the defaults it runs what has no version, and lets the rest wait.
    public init(version: String? = nil, match: Match = .currentOrOlder, mismatch: Mismatch = .wait) {
        self.version = version
        self.match = match
        self.mismatch = mismatch
    }

    /// Why an instance of this version does not run here; nil when it does.
    package func refusal(of version: String?) -> Failure? {
        let fits =
            switch match {
            case .any: true
            case .strict: VersionOrder.isSame(version ?? "", self.version ?? "")
            case .currentOrOlder: !VersionOrder.isEarlier(self.version ?? "", version ?? "")
            }
        guard !fits else { return nil }
        return Failure(
            type: Failure.Kind.versionMismatch,
            message: """
                the instance has the version '\(version ?? "")', this node's code '\(self.version ?? "")' \
                (match: \(match.rawValue))
                """,
            isNonRetriable: true
        )
    }
}
