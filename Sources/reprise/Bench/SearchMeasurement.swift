import RepriseKernel
import RepriseStatus

/// One search, run repeatedly: how long it takes, and SQLite's query plan.
struct SearchMeasurement {
    let name: String
    let rows: Int
    let plan: [String]
    private let times: Percentiles

    /// - Parameter body: returns how many rows or groups there were.
    init(_ name: String, plan: [String], rounds: Int, _ body: () async throws -> Int) async throws {
        var times: [Int64] = []
        var rows = 0
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            rows = try await body()
            times.append(Int64((ContinuousClock.now - start) / .nanoseconds(1)))
        }
        self.name = name
        self.rows = rows
        self.plan = plan
        self.times = Percentiles(times)
    }

    static func list(
        _ name: String,
        _ model: StatusModel,
        _ expression: String? = nil,
        orderedBy order: String = "instanceId",
        page: Int = 1,
        now: Timestamp,
        rounds: Int
    ) async throws -> SearchMeasurement {
        let filter = try filter(expression, now)
        let order = try ListOrder(parsing: order)
        var token: ContinuationToken?
        for _ in 1..<page { token = try await model.list(filter, orderedBy: order, after: token, limit: 100).next }
        let plan = try await model.planOfList(filter, orderedBy: order, after: token)
        return try await SearchMeasurement(name, plan: plan, rounds: rounds) { [token] in
            try await model.list(filter, orderedBy: order, after: token, limit: 100).statuses.count
        }
    }

    static func count(
        _ name: String,
        _ model: StatusModel,
        _ expression: String? = nil,
        by path: String,
        now: Timestamp,
        rounds: Int
    ) async throws -> SearchMeasurement {
        let filter = try filter(expression, now)
        let grouping = try Grouping(parsing: path)
        let plan = try await model.planOfCount(filter, by: grouping)
        return try await SearchMeasurement(name, plan: plan, rounds: rounds) {
            try await model.count(filter, by: grouping).groups.count
        }
    }

    private static func filter(_ expression: String?, _ now: Timestamp) throws -> InstanceFilter {
        InstanceFilter(
            condition: try expression.map { StatusCondition(try StatusExpression(parsing: $0), now: now) }
        )
    }

    var lines: [String] {
        ["\(milliseconds(50))  \(milliseconds(90))  \(Text.pad(Amount.count(rows), to: 5))  \(name)"]
            + plan.map { "                              \($0)" }
    }

    private func milliseconds(_ percent: Double) -> String {
        let text = Amount.fixed(Double(times[percent]) / 1e6, 1)
        return String(repeating: " ", count: max(0, 7 - text.count)) + text + " ms"
    }
}
