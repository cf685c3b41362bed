import GRDB
package import RepriseKernel

/// How many instances there are, and how many of each kind.
package struct InstanceCounts: Equatable, Sendable {
    package struct Group: Equatable, Sendable {
        /// As JSON; nil for the instances without one.
        package var value: Payload?
        package var count: Int
    }

    package var total = 0
    /// The largest first.
    package var groups: [Group] = []
    /// True when there are more groups than shown; ``total`` counts them too.
    package var isTruncated = false
}

/// What instances may be counted by: a field whose values are shared by many.
package struct Grouping: Equatable, Sendable {
    let field: StatusField

    /// - Throws: ``ExpressionError``.
    package init(parsing text: String) throws(ExpressionError) {
        field = try StatusField(parsing: text)
        switch field {
        case .instanceID, .createdTime, .lastUpdatedTime, .age:
            throw ExpressionError(at: 1, "hardly two instances have the same '\(field)': count by something else")
        case .runtimeStatus, .name, .parent, .version, .json: break
        }
    }
}

extension StatusModel {
    /// Counts the instances that match the filter, in total and by group.
    ///
    /// - Throws: ``SearchError``.
    package func count(_ filter: InstanceFilter = InstanceFilter(), by grouping: Grouping? = nil) async throws
        -> InstanceCounts
    {
        try await search { [searchLimits] db in
            let columns = try StatusIndex.columns(in: db)
            guard let grouping else {
                let total = try SQLRequest<Int>(literal: Self.total(filter, columns)).fetchOne(db)
                return InstanceCounts(total: total ?? 0)
            }
            var counts = InstanceCounts()
            var bytes = 0
            let query = Self.groups(filter, grouping, columns, limit: searchLimits.groups + 1)
            let rows = try SQLRequest<Row>(literal: query).fetchCursor(db)
            while let row = try rows.next() {
                counts.total = row[2]
                let value = ComparedValue(row[0] as DatabaseValue).map(Payload.init)
                bytes += value?.bytes.count ?? 0
                guard counts.groups.count < searchLimits.groups, bytes <= searchLimits.groupBytes else {
                    counts.isTruncated = true
                    break
                }
                counts.groups.append(InstanceCounts.Group(value: value, count: row[1]))
            }
            return counts
        }
    }

    static func total(_ filter: InstanceFilter, _ columns: FieldColumns) -> SQL {
        var columns = columns
        columns.passesIDs = true
        return "SELECT count(*) FROM instances WHERE \(filter.query(columns).condition)"
    }

    static func groups(_ filter: InstanceFilter, _ grouping: Grouping, _ columns: FieldColumns, limit: Int) -> SQL {
        var columns = columns
        // An index of the groups holds the runtime status too: one pass over it, and none over the rows.
        columns.avoidsStatusIndex = columns.indexed[grouping.field] != nil
        columns.readsRows =
            filter == InstanceFilter() && columns.indexed[grouping.field] == nil
            && !StatusIndex.isHeld(grouping.field)
        columns.passesIDs = true
        return """
            SELECT \(columns.sql(grouping.field)), count(*), sum(count(*)) OVER () FROM instances \
            WHERE \(filter.query(columns).condition) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT \(limit)
            """
    }
}

extension Payload {
    fileprivate init(_ value: ComparedValue) {
        switch value {
        case .text(let text): self = .string(text)
        case .integer(let number): self = Payload(trusted: Array(String(number).utf8))
        // A number too large for 64 bits has no other form in JSON.
        case .real(let number):
            let text = number.isFinite ? "\(number)" : number < 0 ? "-1e999" : "1e999"
            self = Payload(trusted: Array(text.utf8))
        case .other(let text): self = Payload(trusted: Array(text.utf8))
        }
    }
}
