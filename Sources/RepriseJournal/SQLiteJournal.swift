import GRDB
package import RepriseEngine
import RepriseKernel

/// A partition's journal in one SQLite file: ``PartitionJournal`` as the disk sees it.
///
/// ```
///  commit ──► write-ahead log ── fsync ──► returns          (one fsync per commit: the price of the promise)
///                   │     └── with a partition's log: its turn comes before the fsync
///                   └── tidy() ──► database file            (when the log has grown, or there is time)
/// ```
///
/// What a crash leaves:
/// - of the process, at any instruction: every commit that returned, and the one in progress completely or not at all;
/// - of the machine: the same, as far as its disk keeps what it says it has written;
/// - while a journal is being created: nothing, or a complete empty one;
/// - while a damaged one is being set aside: the same damage, found again at the next start.
///
/// Lost data is never replaced by an empty journal silently. A file that is damaged, gone, or shorter than it was known
/// to be is refused with ``JournalError/Code/damaged``; damaged ones are moved aside with all their files, and only a
/// person (by removing the file that the message names) can let an empty journal take their place.
///
/// After `.failed` the journal does nothing more: a disk that failed to sync once reports success the next time.
package final class SQLiteJournal: PartitionJournal {
    package let identity: JournalIdentity

    /// Nil once closed.
    private var connection: Connection?
    /// The failure after which nothing is written or read.
    private var failure: JournalError?

    /// What lives from opening to closing.
    struct Connection {
        let queue: DatabaseQueue
        let statements: JournalStatements
        let place: any JournalLocation
    }

    init(identity: JournalIdentity, connection: Connection) {
        self.identity = identity
        self.connection = connection
    }

    deinit { close() }

    var isOpen: Bool { connection != nil }

    package func close() {
        guard let queue = connection?.queue, let place = connection?.place else { return }
        // The statements first: SQLite refuses to close under them.
        connection = nil
        place.close(queue)
    }

    // MARK: Access

    /// Runs `body` on the connection, in the calling thread.
    func access<T>(_ body: (Database, JournalStatements) throws -> T) throws(JournalError) -> T {
        let connection = try open()
        do {
            return try connection.queue.writeWithoutTransaction { try body($0, connection.statements) }
        } catch {
            let error = JournalError(error, journal: "the journal of partition \(identity.partition)")
            if error.code == .failed { failure = error }
            throw error
        }
    }

    /// Its location.
    func openPlace() throws(JournalError) -> any JournalLocation { try open().place }

    private func open() throws(JournalError) -> Connection {
        if let failure { throw failure }
        guard let connection else {
            throw JournalError(.failed, "the journal of partition \(identity.partition) is closed")
        }
        return connection
    }

    /// From now on the journal does nothing. Returns the error to throw.
    func fail(_ error: JournalError) -> JournalError {
        let failure = JournalError(.failed, error.message)
        self.failure = failure
        return failure
    }

    func noteCommit(_ number: CommitNumber) { connection?.place.note(commit: number) }
}
