import Dispatch
import Foundation
import GRDB
import RepriseEngine
import Synchronization

/// Copies a journal's file as of one of its commits, on its own thread: a large one takes seconds, and its partition
/// continues.
///
/// SQLite copies what is committed when it begins; while it reads, the journal's write-ahead log is folded back only in part.
final class SnapshotMaker: Sendable {
    struct Made: Sendable {
        let file: Descriptor
        let standing: JournalPosition
        let size: Int64
    }

    private let files: JournalFiles
    private let freeBytes: @Sendable (_ directory: String) -> Int64?
    private let queue: DatabaseQueue
    private let result = Mutex<Result<Made, JournalError>?>(nil)
    private let isStopped = Atomic(false)
    private let done = DispatchGroup()

    /// What commits may need meanwhile, beyond the copy: their partition must not find the disk full.
    private static let margin: ClosedRange<Int64> = 4 << 20...32 << 20

    /// - Parameter freeBytes: the free space on a directory's disk; nil when unknown.
    init(_ files: JournalFiles, freeBytes: @escaping @Sendable (_ directory: String) -> Int64? = freeBytes) throws {
        self.files = files
        self.freeBytes = freeBytes
        var configuration = Configuration()
        configuration.readonly = true
        // Of what is read once from end to end, and of its copy: more would stay with the process as free memory.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -256") }
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
        // More than once: an interrupt before SQLite's first step is lost.
        repeat { queue.interrupt() } while done.wait(timeout: .now() + .milliseconds(20)) == .timedOut
    }

    private func make() -> Result<Made, JournalError> {
        do {
            defer { try? files.removeSnapshot() }
            guard !isStopped.load(ordering: .acquiring) else { throw CancellationError() }
            try checkRoom()
            try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [files.snapshot]) }
            let file = try Descriptor(reading: files.snapshot)
            return .success(Made(file: file, standing: try standing(), size: Int64(try file.size())))
        } catch {
            return .failure(JournalError(error, journal: "a snapshot of \(files.database)"))
        }
    }

    /// Without room for all of it nothing is written: otherwise the commits meanwhile would be the first to find the
    /// disk full.
    private func checkRoom() throws {
        let size = [files.database, files.database + "-wal"].reduce(Int64(0)) { sum, file in
            sum + ((try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int64) ?? 0)
        }
        let needed = size + min(max(size, Self.margin.lowerBound), Self.margin.upperBound)
        guard let free = freeBytes(files.directory), free < needed else { return }
        throw JournalError(
            .full,
            "a snapshot of \(files.database) needs \(needed >> 20) MiB, and \(free >> 20) MiB are free"
        )
    }

    private static func freeBytes(_ directory: String) -> Int64? {
        try? FileManager.default.attributesOfFileSystem(forPath: directory)[.systemFreeSize] as? Int64
    }

    private func standing() throws -> JournalPosition {
        var configuration = Configuration()
        configuration.readonly = true
        let copy = try DatabaseQueue(path: files.snapshot, configuration: configuration)
        defer { try? copy.close() }
        return try copy.read { try JournalPosition(of: $0) }
    }
}

extension JournalPosition {
    /// The position of the journal in a database.
    init(of database: Database) throws {
        try self.init(from: RowStatement(database, JournalHead.select("")))
    }

    init(from row: RowStatement) throws {
        guard let head = try row.first(JournalHead.self) else {
            throw Damage("the row that says how far it has come is missing")
        }
        self.init(head)
    }
}
