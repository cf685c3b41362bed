import GRDB
package import RepriseEngine
package import RepriseKernel

/// A check of a journal that no process has open, for `reprise doctor`. Changes nothing in it.
package struct JournalCheckup: Equatable, Sendable {
    package enum Finding: Equatable, Sendable {
        /// There is no journal of this partition here.
        case absent
        /// A process has it open; ask that process.
        case inUse
        case sound(JournalIdentity, commits: CommitNumber)
        /// What is wrong with it, and what to do.
        case unusable(String)
    }

    package var partition: PartitionNumber
    package var finding: Finding

    package static func run(directory: String, partition: PartitionNumber) -> JournalCheckup {
        JournalCheckup(partition: partition, finding: look(JournalFiles(directory: directory, partition: partition)))
    }

    private static func look(_ files: JournalFiles) -> Finding {
        do {
            let mark = try HighWaterMark.read(files)
            guard Names.exists(files.current) else {
                guard let mark else { return .absent }
                let story =
                    mark.setAside.map { "was set aside as \($0)" }
                    ?? "is gone, though it had reached commit \(mark.commit)"
                return .unusable(
                    "the journal \(story): restore \(files.database), or remove \(files.highWaterMark) to start empty"
                )
            }
            let lock = try JournalLock(files)
            defer { withExtendedLifetime(lock) {} }
            try DatabaseHeader.check(files.current)
            return try read(files)
        } catch let error as JournalError {
            return error.code == .inUse ? .inUse : .unusable(error.message)
        } catch let damage as Damage {
            return .unusable("\(files.database) is damaged (\(damage.message)): restore it from a backup")
        } catch {
            return .unusable("\(files.database) cannot be read: \(error)")
        }
    }

    private static func read(_ files: JournalFiles) throws -> Finding {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        let queue = try DatabaseQueue(path: files.current, configuration: configuration)
        defer { try? queue.close() }
        return try queue.read { database in
            let found = try String.fetchAll(database, sql: "PRAGMA quick_check(1)")
            if found != ["ok"] { throw Damage(found.first ?? "quick_check says nothing") }
            guard let identity = try RowStatement(database, JournalIdentity.select("")).first(JournalIdentity.self),
                let head = try RowStatement(database, JournalHead.select("")).first(JournalHead.self)
            else { throw Damage("a required row is missing") }
            return .sound(identity, commits: head.commit)
        }
    }
}
