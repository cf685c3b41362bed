import GRDB
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseStatus

@Suite("Lists in order")
struct ListingTests {
    private func ids(
        _ model: StatusModel,
        _ order: String,
        pageSize: Int,
        between: (Int) async throws -> Void = { _ in }
    ) async throws -> [String] {
        let order = try ListOrder(parsing: order)
        var ids: [String] = []
        var token: ContinuationToken?
        var pages = 0
        repeat {
            let page = try await model.list(orderedBy: order, after: token, limit: pageSize)
            ids += page.statuses.map(\.instance.value)
            token = try page.next.map { try #require(ContinuationToken($0.description)) }
            pages += 1
            try await between(pages)
        } while token != nil
        return ids
    }

    private func status(_ id: String, _ customStatus: String, created: Int64 = 0) -> InstanceStatus {
        InstanceStatus(
            instance: .of(id),
            name: "Order",
            incarnation: 1,
            version: 1,
            runtimeStatus: .running,
            input: .null,
            customStatus: .json(customStatus),
            output: .null,
            failure: nil,
            createdTime: Timestamp(milliseconds: created),
            lastUpdatedTime: Timestamp(milliseconds: created),
            partition: PartitionNumber(0),
            sequence: 1
        )
    }

    @Test(arguments: [false, true], [1, 2, 3, 100])
    func valuesHaveOneOrder_AndMissingOnesComeLast(isIndexed: Bool, pageSize: Int) async throws {
        try await withModel { model in
            let values = [
                "a": #"{"x": "b"}"#, "b": #"{"x": 2}"#, "c": #"{"x": 10}"#, "d": #"{"x": "B"}"#, "e": "{}",
                "f": #"{"x": null}"#, "g": #"{"x": 1.5}"#, "h": "null", "i": #"{"x": 2.0}"#, "j": #"{"x": 1e400}"#,
            ]
            try await model.fill(values.map { status($0.key, $0.value) })
            if isIndexed { _ = try await model.addIndex(of: StatusField(parsing: "customStatus.x")) }
            #expect(
                try await ids(model, "customStatus.x", pageSize: pageSize)
                    == ["g", "b", "i", "c", "j", "d", "a", "f", "e", "h"]
            )
            #expect(
                try await ids(model, "customStatus.x desc", pageSize: pageSize)
                    == ["f", "a", "d", "j", "c", "i", "b", "g", "h", "e"]
            )
            #expect(try await ids(model, "instanceId desc", pageSize: pageSize) == values.keys.sorted().reversed())
            #expect(try await ids(model, "createdTime desc", pageSize: pageSize) == values.keys.sorted().reversed())
        }
    }

    /// Between two pages instances come, go and change: what stays as it was is shown once, in its place.
    @Test(arguments: ["instanceId", "createdTime desc", "customStatus.x", "customStatus.y desc"])
    func pagesAreStableUnderWrites(order: String) async throws {
        try await withModel { model in
            func make(_ number: Int) -> InstanceStatus {
                let y = number.isMultiple(of: 3) ? "" : #", "y": \#(number % 5)"#
                return status("s-\(1000 + number)", #"{"x": \#(number % 7)\#(y)}"#, created: Int64(number % 11))
            }
            let staying = (0..<60).map { make($0 * 2) }
            let going = (0..<60).map { make($0 * 2 + 1) }
            try await model.fill(staying + going)
            let all = try await ids(model, order, pageSize: 1000)
            let paged = try await ids(model, order, pageSize: 7) { page in
                let gone = going.dropFirst(page * 3).prefix(3).map(\.instance.value)
                try await model.pool.write { db in
                    for id in gone { try db.execute(sql: "DELETE FROM instances WHERE id = ?", arguments: [id]) }
                }
                try await model.fill([make(1000 + page), make(2000 + page)])
            }
            let names = Set(staying.map(\.instance.value))
            #expect(paged.filter(names.contains) == all.filter(names.contains))
            #expect(Set(paged).count == paged.count)
        }
    }

    @Test func tokens() async throws {
        try await withModel { model in
            try await model.fill([status("a", #""x""#), status("b", #""\#(String(repeating: "y", count: 3000))""#)])
            let order = try ListOrder(parsing: "customStatus desc")
            await #expect(throws: SearchError.self) { try await model.list(orderedBy: order, limit: 1) }
            let token = try #require(try await model.list(limit: 1).next)
            #expect(ContinuationToken(token.description) == token)
            let error = await #expect(throws: SearchError.self) {
                try await model.list(orderedBy: order, after: token, limit: 1)
            }
            #expect(error?.code == .otherOrder)
        }
        for text in ["", "Ag==", "AnsifQ==", "AnsibyI6Im5hbWUifQ=="] { #expect(ContinuationToken(text) == nil) }
        #expect(throws: ExpressionError.self) { try ListOrder(parsing: "age") }
        #expect(throws: ExpressionError.self) { try ListOrder(parsing: "name down") }
        #expect(try ListOrder(parsing: " name   asc ").description == "name")
    }
}
