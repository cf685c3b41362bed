import GRDB

/// SQLite's plan for a search: what to check when one is slow.
extension StatusModel {
    /// The steps that lead to a page of a list.
    package func planOfList(
        _ filter: InstanceFilter = InstanceFilter(),
        orderedBy order: ListOrder = .byID,
        after token: ContinuationToken? = nil
    ) async throws -> [String] {
        try await plan { columns in
            PageSelection(filter, order, columns).present(after: token, 101)
        }
    }

    /// The steps of a count.
    package func planOfCount(_ filter: InstanceFilter = InstanceFilter(), by grouping: Grouping? = nil) async throws
        -> [String]
    {
        try await plan { columns in
            grouping.map { Self.groups(filter, $0, columns, limit: 1001) } ?? Self.total(filter, columns)
        }
    }

    private func plan(of query: @escaping @Sendable (FieldColumns) -> SQL) async throws -> [String] {
        try await searches.read { db in
            let sql = query(try StatusIndex.columns(in: db))
            return try SQLRequest<Row>(literal: "EXPLAIN QUERY PLAN \(sql)").fetchAll(db).map { $0["detail"] }
        }
    }
}
