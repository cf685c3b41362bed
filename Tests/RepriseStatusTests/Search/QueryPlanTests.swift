import GRDB
import RepriseKernel
import Testing

@testable import RepriseStatus

/// What makes a search fast is that SQLite goes by an index: the plans say so.
@Suite("Query plans")
struct QueryPlanTests {
    private func plan(_ model: StatusModel, _ query: @escaping @Sendable (FieldColumns) throws -> SQL) async throws
        -> String
    {
        try await model.pool.read { db in
            let sql = try query(StatusIndex.columns(in: db))
            return try SQLRequest<Row>(literal: "EXPLAIN QUERY PLAN \(sql)").fetchAll(db)
                .map { $0["detail"] as String }.joined(separator: "; ")
        }
    }

    private func page(_ expression: String?, _ order: String = "instanceId") throws
        -> @Sendable (FieldColumns) throws -> SQL
    {
        let condition = try expression.map { StatusCondition(try StatusExpression(parsing: $0), now: .zero) }
        let order = try ListOrder(parsing: order)
        return { columns in
            let filter = InstanceFilter(condition: condition)
            return PageSelection(order: order, columns: columns, condition: filter.query(columns).condition)
                .present(after: ContinuationToken(order: order, position: .text("b"), lastID: "m"), 101)
        }
    }

    @Test func lists() async throws {
        try await withModel { model in
            _ = try await model.addIndex(of: StatusField(parsing: "customStatus.stage"))
            let plans = [
                (try page(nil), "SEARCH instances USING INDEX sqlite_autoindex_instances_1 (id>?)"),
                (
                    try page("customStatus.stage == 'paid'"),
                    "SEARCH instances USING INDEX instances_by_index_1 (path_1=? AND id>?)"
                ),
                (
                    try page(nil, "customStatus.stage"),
                    "SEARCH instances USING INDEX instances_by_index_1 ((path_1,id)>(?,?))"
                ),
                (
                    try page(nil, "createdTime desc"),
                    "SEARCH instances USING INDEX instances_by_creation ((created,id)<(?,?))"
                ),
                (
                    try page("parentInstanceId == 'p'"),
                    "SEARCH instances USING INDEX instances_by_parent (parent=? AND id>?)"
                ),
                (
                    try page("instanceId startsWith 'order-'"),
                    "SEARCH instances USING INDEX sqlite_autoindex_instances_1 (id>? AND id<?)"
                ),
                (
                    try page("runtimeStatus == Running"),
                    "SEARCH instances USING INDEX instances_by_status (runtime_status=? AND id>?)"
                ),
            ]
            for (query, expected) in plans { #expect(try await plan(model, query) == expected) }
        }
    }

    @Test func countsGoOverTheIndexAlone() async throws {
        try await withModel { model in
            let grouping = try Grouping(parsing: "customStatus.stage")
            let running = InstanceFilter(runtimeStatuses: [.running])
            let query: @Sendable (FieldColumns) -> SQL = { StatusModel.groups(running, grouping, $0, limit: 10) }
            #expect(try await plan(model, query).contains("SEARCH instances USING INDEX instances_by_status"))
            _ = try await model.addIndex(of: StatusField(parsing: "customStatus.stage"))
            #expect(try await plan(model, query).contains("SCAN instances USING INDEX instances_by_index_1"))
        }
    }
}
