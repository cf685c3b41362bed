import CSQLiteSession
import GRDB
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

/// A fuzzer found a changeset of 35 bytes that passed our check, and at which SQLite 3.40 read an address that was none:
/// an update that does not say of which row. Anyone who could append to a log could crash every node that read it.
@Suite("S15: changes that SQLite must not be given")
struct ForgedChangesTests {
    /// A changeset of one table.
    private struct Forged {
        var bytes: [UInt8]

        init(_ table: String, key: [UInt8]) {
            bytes = [UInt8(ascii: "T"), UInt8(key.count)] + key + Array(table.utf8) + [0]
        }

        mutating func add(_ kind: UInt8, _ columns: [UInt8?]) {
            bytes += [kind, 0]
            for column in columns { bytes += column.map { [1, 0, 0, 0, 0, 0, 0, 0, $0] } ?? [0] }
        }

        var isTaken: Bool {
            var rows: Int64 = 0
            return bytes.withUnsafeBytes { session_check($0.baseAddress, $0.count, &rows) }
        }
    }

    private static let insertion: UInt8 = 18
    private static let update: UInt8 = 23
    private static let deletion: UInt8 = 9

    @Test("the one that was found")
    func found() throws {
        let text = "540201006200170000000001000000000000005b120003016e05540301000061040100"
        let bytes = stride(from: 0, to: text.count, by: 2).compactMap { at in
            UInt8(text.dropFirst(at).prefix(2), radix: 16)
        }
        #expect(bytes.count == text.count / 2)
        var rows: Int64 = 0
        #expect(!bytes.withUnsafeBytes { session_check($0.baseAddress, $0.count, &rows) })
    }

    @Test("rows must be whole, and say which they are")
    func rows() {
        func isTaken(_ kind: UInt8, _ columns: [UInt8?], key: [UInt8] = [1, 0, 0]) -> Bool {
            var forged = Forged("timers", key: key)
            forged.add(kind, columns)
            return forged.isTaken
        }
        #expect(isTaken(Self.insertion, [1, 2, 3]))
        #expect(!isTaken(Self.insertion, [1, nil, 3]))
        #expect(!isTaken(Self.insertion, [nil, 2, 3]))
        #expect(isTaken(Self.deletion, [1, 2, 3]))
        #expect(!isTaken(Self.deletion, [1, 2, nil]))
        #expect(!isTaken(Self.insertion, [1, 2, 3], key: [0, 0, 0]), "no column says which row")
        #expect(isTaken(Self.update, [1, nil, 3, nil, nil, 4]))
        #expect(!isTaken(Self.update, [nil, nil, 3, nil, nil, 4]), "of which row?")
        #expect(!isTaken(Self.update, [1, nil, 3, 1, nil, 4]), "another row")
        #expect(!isTaken(Self.update, [1, nil, 3, nil, 4, nil]), "old and new are of different columns")
    }

    @Test("a table must have the columns and the key that it has here")
    func tables() throws {
        let directory = JournalDirectory()
        let journal = try directory.open()
        var missing = Forged("timers", key: [1, 2, 0])
        missing.add(Self.insertion, [1, 2, 3])
        var otherKey = Forged("timers", key: [1, 0, 0, 0])
        otherKey.add(Self.insertion, [1, 2, 3, 4])
        for forged in [missing, otherKey] {
            let commit = LoggedCommit(
                standing: JournalPosition(commit: 1, checksum: 1, epoch: 1),
                previous: try journal.standing().checksum,
                format: journal.format,
                changes: JournalChanges(rows: 1, bytes: forged.bytes)
            )
            let error = journalError { try journal.apply([commit]) }
            #expect(error?.code == .diverged)
            #expect(error?.message.contains("cannot be read") == true, "\(error?.message ?? "it was taken")")
        }
        #expect(try journal.standing().commit == 0)
    }
}
