import RepriseKernel

/// Where the files of one partition's journal lie.
///
/// ```
///  partition-0.sqlite              the journal (with -wal and -shm beside it while it is open)
///  partition-0.lock                locked while a process has the journal open; says which
///  partition-0.witness             that there is a journal, and how far it has come
///  partition-0.sqlite.damaged-1    a journal that was set aside
/// ```
struct JournalFiles {
    let directory: String
    let partition: PartitionNumber

    var database: String { "\(directory)/partition-\(partition).sqlite" }
    /// A journal in the making: it gets its name once it is whole, so that an empty file is always damage.
    var unfinished: String { database + ".new" }
    var lock: String { "\(directory)/partition-\(partition).lock" }
    var witness: String { "\(directory)/partition-\(partition).witness" }

    /// What SQLite keeps beside a database file. The file itself comes first: moved in this order, a crash in
    /// between never leaves a database without the log that completes it.
    static let suffixes = ["", "-wal", "-shm"]

    /// A name that no earlier damage has taken.
    func nameForDamaged() -> String {
        var number = 1
        while JournalFiles.suffixes.contains(where: { Names.exists("\(database).damaged-\(number)\($0)") }) {
            number += 1
        }
        return "\(database).damaged-\(number)"
    }
}
