import GRDB
import GRDBSQLite
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseStatus

/// A gateway grew by a kilobyte for each orchestration that passed, with no one following: the pages of its read model
/// that the writing connection kept, up to 64 MB, for a rebuild that was long over.
@Suite struct SweepRoomTests {
    private func kept(_ model: StatusModel) async throws -> Int {
        try await model.pool.writeWithoutTransaction { db in
            var (now, most) = (Int32(0), Int32(0))
            sqlite3_db_status(db.sqliteConnection, SQLITE_DBSTATUS_CACHE_USED, &now, &most, 0)
            return Int(now)
        }
    }

    private func limit(_ model: StatusModel) async throws -> Int? {
        try await model.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA cache_size") }
    }

    /// So much that a cache without a bound would keep some 24 MB.
    private func fill(_ model: StatusModel) async throws {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        let input = #""\#(String(repeating: "x", count: 4000))""#
        for batch in 0..<30 {
            _ = try await model.apply(
                (0..<100).map { partition.start(.of("i\(batch)-\($0)"), input: .json(input)) }
            )
        }
    }

    @Test("E2: what passes does not stay in the gateway's memory")
    func bound() async throws {
        try await withModel { model in
            try await fill(model)
            #expect(try await kept(model) < 9_000_000)
        }
    }

    @Test("E2: a sweep has room, and gives it back after the last one, also when it fails")
    func room() async throws {
        struct Broken: Error {}
        try await withModel { model in
            #expect(try await limit(model) == -8000)
            try await model.withRoomForSweep {
                await #expect(throws: Broken.self) { try await model.withRoomForSweep { throw Broken() } }
                try await fill(model)
                #expect(try await kept(model) > 10_000_000)
            }
            #expect(try await kept(model) < 9_000_000)
            let task = Task {
                try await model.withRoomForSweep {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try Task.checkCancellation()
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await limit(model) == -8000)
        }
    }
}
