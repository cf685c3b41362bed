public import Foundation
import Reprise
public import RepriseKernel

/// Which orchestrations a list or a purge is about; all when it says nothing.
public struct InstanceFilter: Sendable, Equatable {
    /// Any of these; all when empty.
    public var statuses: Set<RuntimeStatus>
    /// Created then or later.
    public var createdFrom: Date?
    /// Created then or earlier.
    public var createdTo: Date?
    public var idPrefix: String?

    public init(
        statuses: Set<RuntimeStatus> = [],
        createdFrom: Date? = nil,
        createdTo: Date? = nil,
        idPrefix: String? = nil
    ) {
        self.statuses = statuses
        self.createdFrom = createdFrom
        self.createdTo = createdTo
        self.idPrefix = idPrefix
    }

    /// - Parameter beginning: what stands for `createdFrom` where it must be given.
    func query(beginning: Date? = nil) -> [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        if let from = createdFrom ?? beginning { query.append(("createdTimeFrom", Self.text(from))) }
        if let createdTo { query.append(("createdTimeTo", Self.text(createdTo))) }
        if !statuses.isEmpty {
            query.append(("runtimeStatus", statuses.map(\.rawValue).sorted().joined(separator: ",")))
        }
        if let idPrefix { query.append(("instanceIdPrefix", idPrefix)) }
        return query
    }

    private static func text(_ date: Date) -> String { TimeText.milliseconds(Timestamp(date)) }
}
