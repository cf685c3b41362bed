import GRDB
import Synchronization

/// How much of the file the writing connection keeps in memory: little, except during a sweep.
///
/// The cache fills whatever room it has, and is most of what a gateway grows by. A rebuild touches the indexes
/// everywhere, and writes only once what stays cached until the next checkpoint; a message touches a few pages.
final class SweepRoom: Sendable {
    static let usualKiB = 8000
    static let sweepKiB = 64_000

    /// Sweeps in progress; changed only by the writing connection.
    private let sweeps = Mutex(0)

    func enter(_ db: Database) throws {
        if sweeps.withLock({ $0 }) == 0 { try db.execute(sql: "PRAGMA cache_size = -\(Self.sweepKiB)") }
        // Not before: if the room was not taken, it need not be given back.
        sweeps.withLock { $0 += 1 }
    }

    /// After the last sweep the memory is given back at once.
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
        // Not in this task: a canceled task gets no connection, and the memory would stay taken.
        let model = self
        let leaving = Task { try await model.pool.writeWithoutTransaction { try room.leave($0) } }
        try await leaving.value
        return try outcome.get()
    }
}
