import RepriseEngine

/// Looks at the first hundred bytes of a database file before SQLite does.
///
/// SQLite takes an empty file for a new database, and then deletes the write-ahead log that held its commits.
enum DatabaseHeader {
    static func check(_ path: String) throws {
        let header = try Descriptor(reading: path).head(100)
        guard header.count == 100 else { throw Damage("it has only \(header.count) bytes") }
        guard header.starts(with: Array("SQLite format 3\u{0}".utf8)) else { throw Damage("it is not a database") }
        // Versions of the format, for writing and reading: with a larger one SQLite would open the file read-only.
        guard header[18] <= 2, header[19] <= 2 else { throw Damage("its header is damaged") }
        let application = header[68..<72].reduce(0) { $0 << 8 | Int($1) }
        guard application == JournalSchema.applicationID else {
            throw JournalError(.mismatch, "\(path) is a database, but not a Reprise journal")
        }
    }
}

/// What is wrong with a file or a row.
struct Damage: Error {
    let message: String
    init(_ message: String) { self.message = message }
}
