package import RepriseKernel

/// Which instances are meant; what is not set matches all. Entities are not instances.
package struct InstanceSelection: Sendable {
    /// Any of these; all when empty.
    package var statuses: Set<RuntimeStatus>
    package var name: String?
    package var prefix: String?
    /// All of these, with these values.
    package var tags: [String: String]
    package var parent: InstanceID?
    /// Unchanged since then.
    package var unchangedSince: Timestamp?

    package init(
        statuses: Set<RuntimeStatus> = [],
        name: String? = nil,
        prefix: String? = nil,
        tags: [String: String] = [:],
        parent: InstanceID? = nil,
        unchangedSince: Timestamp? = nil
    ) {
        self.statuses = statuses
        self.name = name
        self.prefix = prefix
        self.tags = tags
        self.parent = parent
        self.unchangedSince = unchangedSince
    }

    package func matches(_ status: InstanceStatus) -> Bool {
        !status.instance.isEntity
            && (statuses.isEmpty || statuses.contains(status.runtimeStatus))
            && (name == nil || name == status.name)
            && (prefix.map { status.instance.value.utf8.starts(with: $0.utf8) } ?? true)
            && tags.allSatisfy { status.traits.tags[$0.key] == $0.value }
            && (parent == nil || parent == status.traits.parent)
            && (unchangedSince.map { status.lastUpdatedTime <= $0 } ?? true)
    }
}
