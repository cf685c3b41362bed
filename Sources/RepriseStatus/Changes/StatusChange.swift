package import RepriseKernel

/// One change of an instance, and its status after it: a line of its timeline.
package struct StatusChange: Equatable, Sendable {
    package var kind: StatusMessage.Kind
    /// The instance as of this change. Input and traits are its current ones, and the output is present once it has
    /// ended.
    package var status: InstanceStatus

    package init(kind: StatusMessage.Kind, status: InstanceStatus) {
        self.kind = kind
        self.status = status
    }
}

/// A page of an instance's timeline.
package struct StatusTimeline: Equatable, Sendable {
    /// The instance's current status.
    package var current: InstanceStatus
    /// In the order of their versions, which have no gap unless earlier ones are no longer kept.
    package var changes: [StatusChange]
    /// Whether there are more after these.
    package var isCut: Bool
}

/// How far a reader has followed a hub: one status sequence per partition. The same for every gateway, since the
/// partitions do the counting.
package struct StreamPosition: Equatable, Sendable, CustomStringConvertible {
    package var sequences: [StatusSequenceNumber]

    package init(sequences: [StatusSequenceNumber]) { self.sequences = sequences }

    /// - Returns: nil for what is not a position of a hub with that many partitions.
    package init?(_ text: String, partitionCount: Int) {
        if text == "0" {
            sequences = Array(repeating: 0, count: partitionCount)
            return
        }
        guard let sequences = OutsideNumber.list(text), sequences.count == partitionCount else { return nil }
        self.sequences = sequences.map(StatusSequenceNumber.init(rawValue:))
    }

    package var description: String { sequences.map(\.description).joined(separator: ".") }
}

/// How much of timelines is kept. Partitions can be asked for what is older, as long as their histories have it.
package struct TimelineRetention: Equatable, Sendable {
    /// Versions of one instance.
    package var ofInstance: Int64 = 10_000
    /// Versions of one entity, whose states may be large.
    package var ofEntity: Int64 = 100
    /// For how many messages of its partition a purge is still reported.
    package var purges: Int64 = 100_000

    package init() {}
}
