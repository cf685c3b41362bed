import Dispatch
import GRDB
import RepriseEngine
import Synchronization

/// Copies a journal's file as of one of its commits, on a thread of its own: a large one takes seconds, and its partition goes on.
///
/// SQLite copies what is committed when it begins; while it reads, the journal's write-ahead log is folded back only in part.
final class SnapshotMaker: Sendable {
    struct Made: Sendable {
        let file: Descriptor
        let standing: JournalStanding
        let size: Int64
    }

    private let files: JournalFiles
    private let queue: DatabaseQueue
    private let result = Mutex<Result<Made, JournalError>?>(nil)
    private let isStopped = Atomic(false)
    private let done = DispatchGroup()

    init(_ files: JournalFiles) throws {
        self.files = files
        var configuration = Configuration()
        configuration.readonly = true
        queue = try DatabaseQueue(path: files.database, configuration: configuration)
        // SQLite takes an empty file as it finds it, with its mode.
        _ = try Descriptor(creating: files.snapshot)
        done.enter()
        DispatchQueue.global().async { [self] in
            let made = make()
            result.withLock { $0 = made }
            done.leave()
        }
    }

    /// Nil while it is being made.
    func outcome(waiting: Bool) -> Result<Made, JournalError>? {
        if waiting { done.wait() }
        return result.withLock { $0 }
    }

    /// Ends its thread: from then on nothing more is written.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        queue.interrupt()
        done.wait()
    }

    private func make() -> Result<Made, JournalError> {
        do {
            defer { try? files.removeSnapshot() }
            guard !isStopped.load(ordering: .acquiring) else { throw CancellationError() }
            try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [files.snapshot]) }
            let file = try Descriptor(reading: files.snapshot)
            return .success(Made(file: file, standing: try standing(), size: Int64(try file.size())))
        } catch {
            return .failure(JournalError(error, journal: "a snapshot of \(files.database)"))
        }
    }

    private func standing() throws -> JournalStanding {
        var configuration = Configuration()
        configuration.readonly = true
        let copy = try DatabaseQueue(path: files.snapshot, configuration: configuration)
        defer { try? copy.close() }
        return try copy.read { database in
            guard let progress = try RowStatement(database, PartitionProgress.select("")).first(PartitionProgress.self)
            else {
                throw Damage("the row that says how far it has come is missing")
            }
            return JournalStanding(progress)
        }
    }
}
