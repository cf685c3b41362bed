import GRDB
package import RepriseKernel

/// Which instances a query covers; what is left out matches all.
package struct InstanceFilter: Equatable, Sendable {
    /// Both ends belong to the range.
    package var createdFrom: Timestamp?
    package var createdTo: Timestamp?
    package var runtimeStatuses: Set<RuntimeStatus>?
    package var instanceIDPrefix: String?
    /// The orchestrator's.
    package var name: String?
    package var parent: InstanceID?
    /// All of them, with these values.
    package var tags: [String: String]
    package var condition: StatusCondition?

    package init(
        createdFrom: Timestamp? = nil,
        createdTo: Timestamp? = nil,
        runtimeStatuses: Set<RuntimeStatus>? = nil,
        instanceIDPrefix: String? = nil,
        name: String? = nil,
        parent: InstanceID? = nil,
        tags: [String: String] = [:],
        condition: StatusCondition? = nil
    ) {
        self.createdFrom = createdFrom
        self.createdTo = createdTo
        self.runtimeStatuses = runtimeStatuses
        self.instanceIDPrefix = instanceIDPrefix
        self.name = name
        self.parent = parent
        self.tags = tags
        self.condition = condition
    }
}

/// Which entities a query covers; what is left out matches all.
package struct EntityFilter: Equatable, Sendable {
    /// In lower case, as ids have it.
    package var name: String?
    /// Both ends belong to the range.
    package var lastOperationFrom: Timestamp?
    package var lastOperationTo: Timestamp?

    package init(name: String? = nil, lastOperationFrom: Timestamp? = nil, lastOperationTo: Timestamp? = nil) {
        self.name = name
        self.lastOperationFrom = lastOperationFrom
        self.lastOperationTo = lastOperationTo
    }
}

extension InstanceFilter {
    func query(_ columns: FieldColumns) -> FilterQuery {
        var query = FilterQuery(columns.existing)
        if let createdFrom { query.add("created >= \(createdFrom.milliseconds)") }
        if let createdTo { query.add("created <= \(createdTo.milliseconds)") }
        if let runtimeStatuses {
            let names = runtimeStatuses.map(\.rawValue).sorted().map { "\($0)" as SQL }
            query.add("\(columns.sql(.runtimeStatus)) IN (\(names.joined(separator: ", ")))")
        }
        if let instanceIDPrefix { query.add(idPrefix: instanceIDPrefix, isPassing: columns.passesIDs) }
        if let name { query.add("name = \(name)") }
        if let parent { query.add("parent = \(parent.value)") }
        for (name, value) in tags {
            query.add("EXISTS (SELECT 1 FROM json_each(tags) WHERE key = \(name) AND value = \(value))")
        }
        if let condition { query.add(condition.expression.sql(columns, now: condition.now)) }
        return query
    }
}

extension EntityFilter {
    /// Without a state there is no entity, only a lock on what may become one.
    var query: FilterQuery {
        var query = FilterQuery("purged = 0 AND entity = 1 AND custom_status IS NOT NULL")
        // No entity has an @ in its name: what follows would be taken as the beginning of a key.
        if let name, name.unicodeScalars.contains("@") { query.add("FALSE") }
        if let name { query.add(idPrefix: "@\(name)@") }
        if let lastOperationFrom { query.add("last_updated >= \(lastOperationFrom.milliseconds)") }
        if let lastOperationTo { query.add("last_updated <= \(lastOperationTo.milliseconds)") }
        return query
    }
}
