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
    /// Whose id begins so.
    public var idPrefix: String?
    /// Of this orchestrator.
    public var name: String?
    /// All of these, with these values.
    public var tags: [String: String]
    /// Called by this orchestration.
    public var parent: InstanceID?
    /// A condition on any path of the status, the input or the output, among others, as the gateway reads it:
    /// `customStatus.recommendedCities has "Tokyo" and age > 1h`.
    public var expression: String?

    /// A filter of what is given; without anything it lets all through.
    public init(
        statuses: Set<RuntimeStatus> = [],
        createdFrom: Date? = nil,
        createdTo: Date? = nil,
        idPrefix: String? = nil,
        name: String? = nil,
        tags: [String: String] = [:],
        parent: InstanceID? = nil,
        expression: String? = nil
    ) {
        self.statuses = statuses
        self.createdFrom = createdFrom
        self.createdTo = createdTo
        self.idPrefix = idPrefix
        self.name = name
        self.tags = tags
        self.parent = parent
        self.expression = expression
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
        if let name { query.append(("name", name)) }
        if let parent { query.append(("parentInstanceId", parent.value)) }
        query += tags.query
        if let expression { query.append(("filter", expression)) }
        return query
    }

    private static func text(_ date: Date) -> String { TimeText.milliseconds(Timestamp(rounding: date)) }
}

extension [String: String] {
    /// Tags as addresses have them, in the order of their names.
    var query: [(name: String, value: String)] {
        sorted { $0.key < $1.key }.map { (name: "tag", value: "\($0.key):\($0.value)") }
    }
}
