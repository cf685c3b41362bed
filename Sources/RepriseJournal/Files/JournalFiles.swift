import RepriseKernel

/// The files of one partition's journal.
///
/// ```
///  partition-0.sqlite              the journal (with -wal and -shm beside it while it is open)
///  partition-0.lock                locked while a process has the journal open; says which
///  partition-0.witness             the high-water mark: that there is a journal, and how far it has come
///  partition-0.sqlite.damaged-1    a journal that was set aside
///  partition-0.sqlite.incoming     a snapshot that is being received
///  partition-0.sqlite.received     one that is whole: it takes the journal's place now, or at the next start
///  partition-0.sqlite.replaced     what lay there before; only the last one is kept
/// ```
struct JournalFiles {
    let directory: String
    let partition: PartitionNumber

    var database: String { "\(directory)/partition-\(partition).sqlite" }
    /// A journal being created: it gets its name once it is complete, so that an empty file is always damage.
    var unfinished: String { database + ".new" }
    var incoming: String { database + ".incoming" }
    var received: String { database + ".received" }
    var replaced: String { database + ".replaced" }
    /// What the next opener of the store will find as the journal.
    var current: String { Names.exists(received) ? received : database }
    /// Has a name only while it is being written.
    var snapshot: String { database + ".snapshot" }
    var lock: String { "\(directory)/partition-\(partition).lock" }
    /// Its name is that of the first release, which called it a witness.
    var highWaterMark: String { "\(directory)/partition-\(partition).witness" }

    /// What SQLite keeps beside a database file. The file itself comes first: moved in this order, a crash in
    /// between never leaves a database without the log that completes it.
    static let suffixes = ["", "-wal", "-shm"]

    func removeSnapshot() throws {
        for suffix in ["", "-journal"] { try Names.remove(snapshot + suffix) }
    }

    /// Replaces what was here with a completely received snapshot. Continues where a crash interrupted it.
    func putReceivedInPlace() throws {
        guard Names.exists(received) else { return }
        if Names.exists(database) {
            for suffix in JournalFiles.suffixes { try Names.remove(replaced + suffix) }
        }
        for suffix in JournalFiles.suffixes where Names.exists(database + suffix) {
            try Names.move(database + suffix, to: replaced + suffix)
        }
        // What it says is about what was here.
        try Names.remove(highWaterMark)
        try Names.move(received, to: database)
    }

    /// A name not used by earlier damage.
    func nameForDamaged() -> String {
        var number = 1
        while JournalFiles.suffixes.contains(where: { Names.exists("\(database).damaged-\(number)\($0)") }) {
            number += 1
        }
        return "\(database).damaged-\(number)"
    }
}
