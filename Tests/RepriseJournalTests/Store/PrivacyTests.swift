import Foundation
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

/// Journals hold every input, output and the secrets of open tasks, and lay there for every user of the machine to read.
@Suite("E42: no one else reads or changes what lies in a data directory")
struct PrivacyTests {
    private let directory = JournalDirectory()

    private func mode(_ path: String) throws -> Int {
        try #require(
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        )
    }

    private func chmod(_ path: String, _ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func expectPrivate(_ names: [String]) throws {
        for name in names { #expect(try mode("\(directory.path)/\(name)") == 0o600, "\(name)") }
    }

    @Test("Every file is its owner's alone, in a directory that is")
    func files() throws {
        let store = try directory.store(path: directory.path + "/made/here")
        let journal = try store.opened()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        #expect(try mode(directory.path + "/made") == 0o700)
        #expect(try mode(directory.path + "/made/here") == 0o700)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/made/here")
        #expect(names.contains("partition-0.sqlite-wal") && names.contains("partition-0.sqlite-shm"))
        try expectPrivate(names.map { "made/here/\($0)" })
    }

    @Test("A journal of an earlier release is closed to others when it is opened")
    func earlier() throws {
        let journal = try directory.open()
        journal.close()
        try chmod(directory.database, 0o644)
        let opened = try directory.open()
        var scribe = try Scribe(opened)
        try opened.commit(scribe.turn(of: 1))
        try expectPrivate(directory.names)
    }

    @Test("A directory that others can write to is refused", arguments: [0o777, 0o775, 0o757, 0o1777])
    func writable(mode: Int) throws {
        try chmod(directory.path, mode)
        let error = journalError { _ = try directory.open() }
        #expect(error?.message.contains("others can write to \(directory.path)") == true)
        #expect(error?.message.contains("chmod go-w \(directory.path)") == true)
        try chmod(directory.path, 0o755)
        _ = try directory.open()
    }
}
