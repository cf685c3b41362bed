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
            #expect(before.contains("SEARCH instances USING INDEX instances_by_status (runtime_status=?)"))
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

    private func filter(_ expression: String) throws -> InstanceFilter {
        guard !expression.isEmpty else { return InstanceFilter() }
        return InstanceFilter(condition: StatusCondition(try StatusExpression(parsing: expression), now: .zero))
    }
}
