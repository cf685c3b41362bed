import GRDB
import RepriseEngine
import RepriseKernel

extension SQLiteJournal {
    static let pageSize = 4096
    /// How long to wait for another process's lock, such as that of a person with the SQLite shell.
    static let busyMilliseconds: Int32 = 2_000
}

/// The steps of opening a file, each of which refuses what the next step could not handle safely.
struct JournalOpening {
    let files: JournalFiles
    let inspection: JournalInspection
    let lock: JournalLock

    func run(_ mark: HighWaterMark?) throws -> SQLiteJournal {
        do {
            try DatabaseHeader.check(files.database)
        } catch let damage as Damage {
            throw try setAsideDamaged(damage, mark)
        }
        let queue = try connect(mark)
        let (identity, head) = try inspect(queue, mark)
        try HighWaterMark(journal: identity.id, commit: head.commit).write(files)
        return SQLiteJournal(
            identity: identity,
            connection: SQLiteJournal.Connection(
                queue: queue,
                statements: try queue.writeWithoutTransaction(JournalStatements.init),
                place: DiskPlace(
                    files: files,
                    highWaterMark: try HighWaterMark.Writer(files, journal: identity.id),
                    lock: lock
                )
            )
        )
    }

    // MARK: No file

    /// Throws when a journal was here before.
    func refuseToReplace(_ mark: HighWaterMark?) throws {
        if let mark, let place = mark.setAside {
            // A crash may have happened between moving the file and moving its log.
            let name = place.prefix { $0 != ":" }
            try move(to: "\(files.directory)/\(name)")
            throw JournalError(
                .damaged,
                "the journal of partition \(files.partition) was set aside as \(place). \(remedy)"
            )
        }
        if let mark {
            throw JournalError(
                .damaged,
                "the journal of partition \(files.partition) is gone: \(files.database) is missing, though it had reached "
                    + "commit \(mark.commit). \(remedy)"
            )
        }
        if JournalFiles.suffixes.contains(where: { Names.exists(files.database + $0) }) {
            throw JournalError(
                .damaged,
                "there is a write-ahead log without its journal beside \(files.database): restore the journal, or move the log away"
            )
        }
    }

    private var remedy: String { "Restore \(files.database), or remove \(files.highWaterMark) to start empty" }

    /// Creates the file under another name and renames it once it is complete and on the disk.
    func create(_ makeID: () -> String) throws {
        for suffix in JournalFiles.suffixes + ["-journal"] { try Names.remove(files.unfinished + suffix) }
        let identity = JournalIdentity(
            id: JournalID(rawValue: makeID()),
            hub: inspection.hub,
            partition: inspection.partition,
            partitionCount: inspection.partitionCount
        )
        // SQLite gives what lies beside a database the database's own mode.
        _ = try Descriptor(creating: files.unfinished)
        let queue = try DatabaseQueue(path: files.unfinished, configuration: configuration)
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA page_size = \(SQLiteJournal.pageSize)")
            try database.execute(sql: "PRAGMA application_id = \(JournalSchema.applicationID)")
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try JournalSchema.migrate(database)
            try database.inTransaction(.immediate) {
                try RowStatement(database, JournalIdentity.insert).write(identity)
                try RowStatement(database, JournalHead.insert).write(JournalHead())
                return .commit
            }
        }
        try queue.close()
        try Descriptor(creating: files.unfinished).sync()
        try Names.move(files.unfinished, to: files.database)
    }

    // MARK: A file

    private var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "journal of partition \(files.partition)"
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(Double(SQLiteJournal.busyMilliseconds) / 1000)
        return configuration
    }

    private func connect(_ mark: HighWaterMark?) throws -> DatabaseQueue {
        do {
            return try DatabaseQueue(path: files.database, configuration: configuration)
        } catch let error as DatabaseError where error.isDamage {
            throw try setAsideDamaged(Damage(error.message ?? "SQLite cannot read it"), mark)
        }
    }

    private func inspect(
        _ queue: DatabaseQueue,
        _ mark: HighWaterMark?
    ) throws -> (JournalIdentity, JournalHead) {
        let damage: Damage
        do {
            return try queue.writeWithoutTransaction { database in
                try inspection.refuseNewer(database)
                try JournalSettings.apply(database)
                try JournalSchema.check(database)
                try inspection.checkPages(database)
                // Before anything is written: what the log still has beyond a damaged place must not be overwritten.
                if let mark { try confirm(mark, database) }
                try JournalSchema.migrate(database)
                try database.checkpoint(.truncate)
                return (try inspection.readIdentity(database), try inspection.readProgress(database))
            }
        } catch let found as Damage {
            damage = found
        } catch let error as DatabaseError where error.isDamage {
            damage = Damage(error.message ?? "SQLite cannot read it")
        } catch {
            try? queue.close()
            throw error
        }
        // Moved while it is open: closing would fold back and delete the log, which may be all that is left.
        let error = try setAsideDamaged(damage, mark)
        try? queue.close()
        throw error
    }

    /// Compares the file with what is known of it, using only columns of every version, since this comes before
    /// migration.
    private func confirm(_ mark: HighWaterMark, _ database: Database) throws {
        let journal = JournalID(rawValue: try String.fetchOne(database, sql: "SELECT journal FROM identity") ?? "")
        if let known = mark.journal, known != journal {
            throw JournalError(
                .mismatch,
                "\(files.database) is journal \(journal), but here was journal \(known); remove \(files.highWaterMark) if it "
                    + "was replaced on purpose"
            )
        }
        let commit = try Int64.fetchOne(database, sql: "SELECT commitNumber FROM progress") ?? 0
        if mark.commit.rawValue > commit {
            throw Damage("it ends at commit \(commit), though commit \(mark.commit) had been written")
        }
    }

    // MARK: Damage

    private func setAsideDamaged(_ damage: Damage, _ mark: HighWaterMark?) throws -> JournalError {
        let reason = damage.message.split(separator: "\n").joined(separator: " ")
        let target = try setAside(reason, mark)
        return JournalError(
            .damaged,
            "the journal of partition \(files.partition) is damaged (\(reason)) and was set aside as \(target). \(remedy)"
        )
    }

    /// Moves the file and everything that belongs to it out of the way, and makes every start report it until a person
    /// acts, or a snapshot replaces it. Returns where it went.
    func setAside(_ reason: String, _ mark: HighWaterMark?) throws -> String {
        let target = files.nameForDamaged()
        let name = target.split(separator: "/").last.map(String.init) ?? target
        try HighWaterMark(
            journal: mark?.journal,
            commit: mark?.commit ?? 0,
            setAside: "\(name): \(reason.split(separator: "\n").joined(separator: " "))"
        ).write(files)
        try move(to: target)
        return target
    }

    private func move(to target: String) throws {
        for suffix in JournalFiles.suffixes where Names.exists(files.database + suffix) {
            try Names.move(files.database + suffix, to: target + suffix)
        }
    }
}
