import RepriseEngine
import RepriseKernel

/// Remembers outside the database that it exists, and its position.
///
/// SQLite cannot distinguish a lost database from one not created yet, nor a write-ahead log that lost its tail from a
/// short one: both open without an error, and commits are gone. So a small text file beside the journal says what must
/// be there. It is written after each commit without a sync: it may lag behind the journal, but is never ahead.
///
/// When a person removes it, the journal is accepted as it is found, even if missing.
struct HighWaterMark: Equatable {
    /// The journal's id; nil when the file was too damaged to say.
    var journal: JournalID?
    var commit: CommitNumber
    /// Where the journal was moved, and why.
    var setAside: String?

    // MARK: Text

    private static let digits = 19
    private static let unknown = "unknown"

    var text: String {
        "journal \(journal?.rawValue ?? Self.unknown)\ncommit \(Self.padded(commit))\n"
            + (setAside.map { "set aside as \($0)\n" } ?? "")
    }

    init(journal: JournalID?, commit: CommitNumber, setAside: String? = nil) {
        self.journal = journal
        self.commit = commit
        self.setAside = setAside
    }

    init?(text: String) {
        let lines = text.split(separator: "\n")
        guard (2...3).contains(lines.count), lines[0].hasPrefix("journal "), lines[1].hasPrefix("commit "),
            let commit = Int64(lines[1].dropFirst("commit ".count))
        else { return nil }
        let aside = "set aside as "
        if lines.count == 3, !lines[2].hasPrefix(aside) { return nil }
        let journal = String(lines[0].dropFirst("journal ".count))
        self.init(
            journal: journal == Self.unknown ? nil : JournalID(rawValue: journal),
            commit: CommitNumber(rawValue: commit),
            setAside: lines.count == 3 ? String(lines[2].dropFirst(aside.count)) : nil
        )
    }

    private static func padded(_ commit: CommitNumber) -> String {
        let number = commit.description
        return String(repeating: "0", count: max(0, digits - number.utf8.count)) + number
    }

    // MARK: File

    static func read(_ files: JournalFiles) throws -> HighWaterMark? {
        guard Names.exists(files.highWaterMark) else { return nil }
        let text = String(decoding: try Descriptor(reading: files.highWaterMark).head(4096), as: UTF8.self)
        guard let mark = HighWaterMark(text: text) else {
            throw JournalError(
                .damaged,
                "\(files.highWaterMark) is unreadable; remove it to take the journal of partition \(files.partition) as it is"
            )
        }
        return mark
    }

    /// Writes it whole and durably.
    func write(_ files: JournalFiles) throws {
        let unfinished = files.highWaterMark + ".new"
        let file = try Descriptor(creating: unfinished)
        try file.replace(Array(text.utf8))
        try file.sync()
        try Names.move(unfinished, to: files.highWaterMark)
    }

    /// A mark file held open, to note commits cheaply.
    struct Writer {
        private let file: Descriptor
        private let offset: Int

        init(_ files: JournalFiles, journal: JournalID) throws {
            file = try Descriptor(creating: files.highWaterMark)
            offset = "journal \(journal.rawValue)\ncommit ".utf8.count
        }

        /// Best effort: without it a later loss may go unnoticed, but nothing is lost by that.
        func note(commit: CommitNumber) {
            try? file.overwrite(Array(HighWaterMark.padded(commit).utf8), at: offset)
        }
    }
}
