import GRDB
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseStatus

@Suite("Counts and indexes")
struct CountingTests {
    private func fill(_ model: StatusModel, _ values: [String]) async throws {
        try await model.fill(
            values.enumerated().map { number, value in
                InstanceStatus(
                    instance: .of("i-\(100 + number)"),
                    name: number.isMultiple(of: 2) ? "Even" : "Odd",
                    incarnation: 1,
                    version: 1,
                    runtimeStatus: number.isMultiple(of: 3) ? .completed : .running,
                    input: .null,
                    customStatus: .json(value),
                    output: .null,
                    failure: nil,
                    createdTime: Timestamp(milliseconds: Int64(number)),
                    lastUpdatedTime: Timestamp(milliseconds: Int64(number)),
                    partition: PartitionNumber(0),
                    sequence: 1
                )
            }
        )
    }

    private func groups(_ counts: InstanceCounts) -> [String] {
        counts.groups.map { "\($0.value?.text ?? "missing"): \($0.count)" }
    }

    private func filter(_ text: String) throws -> InstanceFilter {
        InstanceFilter(condition: StatusCondition(try StatusExpression(parsing: text), now: .zero))
    }

    @Test(arguments: [false, true])
    func byStage(isIndexed: Bool) async throws {
        try await withModel { model in
            let stages = [
                "\"paid\"", "\"paid\"", "\"shipped\"", "1", "1.0", "true", "null", "[ 1 ]", "\"1\"", "\"paid\"",
            ]
            try await fill(model, stages.map { #"{"stage": \#($0)}"# } + ["{}", "null", "{\"stage\": 1e400}"])
            let field = try StatusField(parsing: "customStatus.stage")
            if isIndexed { #expect(try await model.addIndex(of: field) == .added) }
            let counts = try await model.count(by: Grouping(parsing: "customStatus.stage"))
            #expect(counts.total == 13)
            #expect(!counts.isTruncated)
            #expect(
                groups(counts) == [
                    "\"paid\": 3", "missing: 2", "1: 2", "1e999: 1", "\"1\": 1", "\"shipped\": 1", "[1]: 1", "null: 1",
                    "true: 1",
                ]
            )
            let running = try await model.count(
                filter("runtimeStatus == Running and customStatus.stage exists"),
                by: Grouping(parsing: "customStatus.stage")
            )
            #expect(running.total == 6)
            #expect(
                groups(running) == ["1.0: 1", "\"1\": 1", "\"paid\": 1", "\"shipped\": 1", "[1]: 1", "true: 1"]
            )
            #expect(try await groups(model.count(by: Grouping(parsing: "name"))) == ["\"Even\": 7", "\"Odd\": 6"])
            #expect(try await groups(model.count(by: Grouping(parsing: "parentInstanceId"))) == ["missing: 13"])
        }
    }

    @Test func groupsHaveALimit() async throws {
        try await withDirectory { directory in
            var limits = SearchLimits()
            limits.groups = 3
            let model = try StatusModel(
                directory: directory,
                hub: HubName("test"),
                partitionCount: 1,
                searchLimits: limits
            )
            try await fill(model, (0..<10).map { "\($0)" })
            let counts = try await model.count(by: Grouping(parsing: "customStatus"))
            #expect(counts.total == 10)
            #expect(counts.groups.count == 3)
            #expect(counts.isTruncated)
        }
    }

    @Test func indexesAreKept_AndGoneWhenRemoved() async throws {
        try await withDirectory { directory in
            func open() throws -> StatusModel {
                try StatusModel(directory: directory, hub: HubName("test"), partitionCount: 1)
            }
            let fields = try ["customStatus.\"o'clock\"[0]", "name", "tags.a", "customStatus"].map {
                try StatusField(parsing: $0)
            }
            let model = try open()
            try await fill(model, ["1", #"{"o'clock": [6]}"#])
            for field in fields { #expect(try await model.addIndex(of: field) == .added) }
            #expect(try await model.addIndex(of: fields[0]) == .existed)
            #expect(try await model.addIndex(of: .createdTime) == .existed)
            #expect(try await model.addIndex(of: .age) == .refused("'age' has the index of 'lastUpdatedTime'"))

            #expect(try await open().indexes().map(\.field) == fields)
            // An earlier release's file is replaced; what someone asked for stays.
            try await model.pool.write { db in
                try StatusSchema.replace(in: db, hub: model.hub, partitions: 1, gateway: "g")
            }
            #expect(try await model.indexes().map(\.field) == fields)
            try await fill(model, [#"{"o'clock": [6]}"#, "2"])
            #expect(try await model.count(filter("customStatus.\"o'clock\"[0] == 6")).total == 1)
            for field in fields { #expect(try await model.removeIndex(of: field)) }
            #expect(try await !model.removeIndex(of: fields[0]))
            #expect(try await model.count(filter("customStatus.\"o'clock\"[0] == 6")).total == 1)
            #expect(try await model.indexes().isEmpty)

            for number in 0..<8 {
                #expect(try await model.addIndex(of: StatusField(parsing: "customStatus.p\(number)")) == .added)
            }
            #expect(
                try await model.addIndex(of: StatusField(parsing: "customStatus.p8"))
                    == .refused("there are already 8 indexes, the maximum: remove one first")
            )
        }
    }

    @Test func groupingsThatTellNothing() {
        for text in ["instanceId", "createdTime", "age", "customStatus.a desc", ""] {
            #expect(throws: ExpressionError.self) { try Grouping(parsing: text) }
        }
    }
}

@Suite("Searches have limits")
struct SearchLimitTests {
    private func model(_ directory: String, _ limits: SearchLimits) throws -> StatusModel {
        try StatusModel(directory: directory, hub: HubName("test"), partitionCount: 1, searchLimits: limits)
    }

    private static let endless =
        "WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

    @Test(.timeLimit(.minutes(1)))
    func aSlowSearchIsEnded() async throws {
        try await withDirectory { directory in
            var limits = SearchLimits()
            limits.time = .milliseconds(1)
            let model = try model(directory, limits)
            let error = await #expect(throws: SearchError.self) {
                try await model.search { db in try Int.fetchOne(db, sql: Self.endless) }
            }
            #expect(error?.code == .tooSlow)
            #expect(error?.description.contains("reprise index add") == true)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func whoNoLongerWaitsCostsNothing() async throws {
        try await withModel { model in
            let search = Task { try await model.search { db in try Int.fetchOne(db, sql: Self.endless) } }
            search.cancel()
            await #expect(throws: (any Error).self) { try await search.value }
        }
    }

    @Test func tooManyAtOnceAreRefused() async throws {
        try await withDirectory { directory in
            var limits = SearchLimits()
            limits.atOnce = 0
            let model = try model(directory, limits)
            let error = await #expect(throws: SearchError.self) { try await model.list(limit: 1) }
            #expect(error?.code == .busy)
        }
    }
}
