import GRDB
package import RepriseEngine
import RepriseKernel

/// A snapshot being received: a file beside the journal, which replaces it when complete.
package final class ReceivedFile: SnapshotReceiver {
    private let store: SQLiteJournalStore
    private let files: JournalFiles
    private var file: Descriptor?
    private var digest = SHA256Digest()
    private var size = 0

    init(_ store: SQLiteJournalStore, _ files: JournalFiles) throws {
        self.store = store
        self.files = files
        try Names.remove(files.incoming)
        file = try Descriptor(creating: files.incoming)
    }

    deinit { discard() }

    package func write(_ bytes: [UInt8]) throws(JournalError) {
        try store.reporting {
            try current().overwrite(bytes, at: size)
            digest.combine(bytes)
            size += bytes.count
        }
    }

    package func finish(
        size: Int64,
        digest: [UInt8],
        head: LogHead
    ) throws(JournalError) -> any PartitionJournal {
        defer { discard() }
        return try store.reporting {
            let file = try current()
            do {
                guard size == Int64(self.size), digest == self.digest.bytes() else {
                    throw Damage("it is not the file that was written: size or SHA-256 differ")
                }
                try check(head)
            } catch let damage as Damage {
                throw refusal(damage.message, head)
            } catch let error as DatabaseError where error.isDamage || error.resultCode == .SQLITE_CANTOPEN {
                throw refusal(error.message ?? "SQLite cannot read it", head)
            }
            try file.sync()
            self.file = nil
            return try store.replace()
        }
    }

    package func discard() {
        guard file != nil else { return }
        file = nil
        try? Names.remove(files.incoming)
    }

    private func current() throws -> Descriptor {
        guard let file else { throw JournalError(.failed, "the snapshot was finished or discarded before") }
        return file
    }

    private func check(_ head: LogHead) throws {
        try DatabaseHeader.check(files.incoming)
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: files.incoming, configuration: configuration)
        defer { try? queue.close() }
        try queue.read { try store.inspection("the snapshot").checkSnapshot($0, head) }
    }

    private func refusal(_ reason: String, _ head: LogHead) -> JournalError {
        JournalError(
            .damaged,
            "the snapshot in segment \(head.segment) of the log of partition \(store.partition) is damaged "
                + "(\(reason)); the journal here is as before"
        )
    }
}
