public import Foundation
import Reprise
public import RepriseKernel

/// Which orchestrations a list or a purge covers; all when empty.
public struct InstanceFilter: Sendable, Equatable {
    /// Any of these; all when empty.
    public var statuses: Set<RuntimeStatus>
    /// Created then or later.
    public var createdFrom: Date?
    /// Created then or earlier.
    public var createdTo: Date?
    /// Whose id begins with this.
    public var idPrefix: String?
    /// Of this orchestrator.
    public var name: String?
    /// All of these, with these values.
    public var tags: [String: String]
    /// Called by this orchestration.
    public var parent: InstanceID?
    /// A condition, for example on a path of the custom status, the input or the output, as the gateway reads it:
    /// `customStatus.recommendedCities has "Tokyo" and age > 1h`.
    public var expression: String?

    /// Creates a filter; without arguments it matches everything.
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

    /// - Parameter beginning: the value of `createdFrom` where one is required.
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
    /// Tags as query parameters, in the order of their names.
    var query: [(name: String, value: String)] {
        sorted { $0.key < $1.key }.map { (name: "tag", value: "\($0.key):\($0.value)") }
    }
}
