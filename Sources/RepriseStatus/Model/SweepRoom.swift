import GRDB
import Synchronization

/// How much of the file the writing connection keeps in memory: little, but while a sweep goes on.
///
/// What it keeps it fills, and so the cache is most of what a gateway grows by. A rebuild touches the indexes all over,
/// and writes once what stays here until the next checkpoint; a message touches a few pages.
final class SweepRoom: Sendable {
    static let usualKiB = 8000
    static let sweepKiB = 64_000

    /// Sweeps that go on; changed only by the connection that writes.
    private let sweeps = Mutex(0)

    func enter(_ db: Database) throws {
        if sweeps.withLock({ $0 }) == 0 { try db.execute(sql: "PRAGMA cache_size = -\(Self.sweepKiB)") }
        // Not before: where there is no room, nobody has to leave it.
        sweeps.withLock { $0 += 1 }
    }

    /// After the last sweep the room is given back at once.
    func leave(_ db: Database) throws {
        guard
            sweeps.withLock({
                $0 -= 1
                return $0
            }) == 0
        else { return }
        try db.execute(sql: "PRAGMA cache_size = -\(Self.usualKiB); PRAGMA shrink_memory")
    }
}

extension StatusModel {
    /// Runs a sweep with room in memory for what it touches.
    func withRoomForSweep<Value>(_ sweep: () async throws -> Value) async throws -> Value {
        let room = sweepRoom
        try await pool.writeWithoutTransaction { try room.enter($0) }
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await sweep()) } catch { outcome = .failure(error) }
        // Not in this task: one that is cancelled is let to no connection, and the room would stay taken.
        let model = self
        let leaving = Task { try await model.pool.writeWithoutTransaction { try room.leave($0) } }
        try await leaving.value
        return try outcome.get()
    }
}
