import GRDB
import RepriseKernel
import Testing

@testable import RepriseStatus

/// What makes a search fast is that SQLite goes by an index: the plans say so.
@Suite("Query plans")
struct QueryPlanTests {
    @Test func lists() async throws {
        try await withModel { model in
            _ = try await model.addIndex(of: StatusField(parsing: "customStatus.stage"))
            let plans = [
                ("", "instanceId", "USING INDEX sqlite_autoindex_instances_1 (id>?)"),
                ("customStatus.stage == 'paid'", "instanceId", "USING INDEX instances_by_index_1 (path_1=? AND id>?)"),
                ("", "customStatus.stage", "USING INDEX instances_by_index_1 ((path_1,id)>(?,?))"),
                ("", "createdTime desc", "USING INDEX instances_by_creation ((created,id)<(?,?))"),
                ("parentInstanceId == 'p'", "instanceId", "USING INDEX instances_by_parent (parent=? AND id>?)"),
                ("instanceId startsWith 'a'", "instanceId", "USING INDEX sqlite_autoindex_instances_1 (id>? AND id<?)"),
                (
                    "runtimeStatus == Running", "instanceId",
                    "USING INDEX instances_by_status (runtime_status=? AND id>?)"
                ),
                ("", "lastUpdatedTime desc", "USING INDEX instances_by_change ((last_updated,id)<(?,?))"),
                (
                    "runtimeStatus == Running", "createdTime desc",
                    "USING INDEX instances_by_status_and_creation (runtime_status=? AND (created,id)<(?,?))"
                ),
            ]
            for (expression, order, expected) in plans {
                let order = try ListOrder(parsing: order)
                let token = ContinuationToken(order: order, position: .text("b"), lastID: "m")
                let plan = try await model.planOfList(filter(expression), orderedBy: order, after: token)
                #expect(plan == ["SEARCH instances " + expected])
            }
        }
    }

    @Test func countsGoOverTheIndexAlone() async throws {
        try await withModel { model in
            let grouping = try Grouping(parsing: "customStatus.stage")
            let running = try filter("runtimeStatus == Running")
            let before = try await model.planOfCount(running, by: grouping)
            #expect(before.contains("SEARCH instances USING INDEX instances_by_status_and_creation (runtime_status=?)"))
            _ = try await model.addIndex(of: StatusField(parsing: "customStatus.stage"))
            let after = try await model.planOfCount(running, by: grouping)
            #expect(after.contains("SCAN instances USING INDEX instances_by_index_1"))
            #expect(!after.contains { $0.contains("GROUP BY") })
        }
    }

    @Test func whatHasNoIndexIsReadWhereItLies() async throws {
        try await withModel { model in
            let plan = try await model.planOfCount(by: Grouping(parsing: "customStatus.stage"))
            #expect(plan.contains("SCAN instances"))
        }
    }

    /// What the page asks for. With a million instances, a list that sorts or a count that looks at rows takes half a minute.
    @Test func thePageReadsNoRowsInVain() async throws {
        try await withModel { model in
            let top = "not parentInstanceId exists"
            let filters = try [
                filter(top), filter("runtimeStatus == Failed and \(top)"), filter("name == 'Refund' and \(top)"),
                filter("age > 10m and \(top)"),
                InstanceFilter(instanceIDPrefix: "order-", condition: filter(top).condition),
                InstanceFilter(runtimeStatuses: [.failed], instanceIDPrefix: "o", name: "Refund"),
            ]
            for filter in filters {
                for order in try ["createdTime desc", "createdTime", "lastUpdatedTime desc"].map(ListOrder.init) {
                    let list = PageSelection(filter, order, FieldColumns()).present(after: nil, 51)
                    #expect(try await Self.readsRows(list, in: model) == false, "\(order): \(filter)")
                    guard order.field == .createdTime else { continue }
                    let plan = try await model.planOfList(filter, orderedBy: order)
                    #expect(!plan.contains { $0.contains("ORDER BY") }, "\(order): \(filter)")
                }
                for grouping in try ["runtimeStatus", "name"].map(Grouping.init) {
                    let groups = StatusModel.groups(filter, grouping, FieldColumns(), limit: 9)
                    #expect(try await Self.readsRows(groups, in: model) == false, "by \(grouping): \(filter)")
                }
                let total = StatusModel.total(filter, FieldColumns())
                #expect(try await Self.readsRows(total, in: model) == false, "\(filter)")
            }
            let rows = PageSelection(try filter("customStatus.a == 1"), .byID, FieldColumns()).present(after: nil, 51)
            #expect(try await Self.readsRows(rows, in: model), "what no index holds is seen to be read from the row")
        }
    }

    /// By SQLite's program: whether a value is taken from the table itself. Its plan does not say so of a partial index.
    private static func readsRows(_ query: SQL, in model: StatusModel) async throws -> Bool {
        try await model.searches.read { db in
            let root = try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'instances'")
            let steps = try SQLRequest<Row>(literal: "EXPLAIN \(query)").fetchAll(db)
            func cursors(_ opcode: String, _ matches: (Row) -> Bool = { _ in true }) -> Set<Int> {
                Set(steps.filter { $0["opcode"] == opcode && matches($0) }.map { $0["p1"] })
            }
            return !cursors("OpenRead") { $0["p2"] == root }.isDisjoint(with: cursors("Column"))
        }
    }

    private func filter(_ expression: String) throws -> InstanceFilter {
        guard !expression.isEmpty else { return InstanceFilter() }
        return InstanceFilter(condition: StatusCondition(try StatusExpression(parsing: expression), now: .zero))
    }
}
