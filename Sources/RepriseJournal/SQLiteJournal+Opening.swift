import GRDB
package import RepriseEngine
package import RepriseKernel

extension SQLiteJournal {
    /// Opens a partition's journal; makes an empty one when there never was one.
    ///
    /// - Parameter makeID: draws the id of a new journal.
    /// - Throws: `.inUse` while somebody has it open; `.mismatch` when the file is another's or a newer release's;
    ///   `.damaged` when it is damaged, was set aside before, or is gone, with what to do; `.failed` when the disk
    ///   cannot do what the journal promises.
    package static func open(
        directory: String,
        hub: HubName,
        partition: PartitionNumber,
        partitionCount: Int,
        makeID: () -> String
    ) throws(JournalError) -> SQLiteJournal {
        let opening = Opening(
            files: JournalFiles(directory: directory, partition: partition),
            hub: hub,
            partitionCount: partitionCount
        )
        do {
            return try opening.run(makeID)
        } catch {
            throw JournalError(error, journal: "the journal of partition \(partition)")
        }
    }

    static let pageSize = 4096
    /// How long a stranger's lock is waited for, such as that of a person with the SQLite shell.
    static let busyMilliseconds: Int32 = 2_000
}

/// The steps of opening, each of which refuses what the next could not be trusted with.
private struct Opening {
    let files: JournalFiles
    let hub: HubName
    let partitionCount: Int

    func run(_ makeID: () -> String) throws -> SQLiteJournal {
        try Names.createDirectory(files.directory)
        let lock = try JournalLock(files)
        let witness = try JournalWitness.read(files)
        if !Names.exists(files.database) {
            try refuseToReplace(witness)
            try create(makeID)
        }
        do {
            try DatabaseHeader.check(files.database)
        } catch let damage as Damage {
            throw try setAside(damage, witness)
        }
        let queue = try connect(witness)
        let (identity, progress) = try inspect(queue, witness)
        try JournalWitness(journal: identity.id, commit: progress.commit).write(files)
        return SQLiteJournal(
            identity: identity,
            connection: SQLiteJournal.Connection(
                queue: queue,
                statements: try queue.writeWithoutTransaction(JournalStatements.init),
                witness: try JournalWitness.Pen(files, journal: identity.id),
                lock: lock
            )
        )
    }

    // MARK: No file

    private func refuseToReplace(_ witness: JournalWitness?) throws {
        if let witness, let place = witness.setAside {
            // A crash may have come between the file and its log.
            let name = place.prefix { $0 != ":" }
            try move(to: "\(files.directory)/\(name)")
            throw JournalError(
                .damaged,
                "the journal of partition \(files.partition) was set aside as \(place). \(remedy)"
            )
        }
        if let witness {
            throw JournalError(
                .damaged,
                "the journal of partition \(files.partition) is gone: \(files.database) is missing, though it had reached "
                    + "commit \(witness.commit). \(remedy)"
            )
        }
        if JournalFiles.suffixes.contains(where: { Names.exists(files.database + $0) }) {
            throw JournalError(
                .damaged,
                "there is a write-ahead log without its journal beside \(files.database): restore the journal, or move the log away"
            )
        }
    }

    private var remedy: String { "Restore \(files.database), or remove \(files.witness) to start empty" }

    /// Makes the file under another name and gives it its own when it is whole and on the disk.
    private func create(_ makeID: () -> String) throws {
        for suffix in JournalFiles.suffixes + ["-journal"] { try Names.remove(files.unfinished + suffix) }
        let identity = JournalIdentity(
            id: makeID(),
            hub: hub,
            partition: files.partition,
            partitionCount: partitionCount
        )
        let queue = try DatabaseQueue(path: files.unfinished, configuration: configuration)
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA page_size = \(SQLiteJournal.pageSize)")
            try database.execute(sql: "PRAGMA application_id = \(JournalSchema.applicationID)")
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try JournalSchema.migrate(database)
            try database.inTransaction(.immediate) {
                try RowStatement(database, JournalIdentity.insert).write(identity)
                try RowStatement(database, PartitionProgress.insert).write(PartitionProgress())
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

    private func connect(_ witness: JournalWitness?) throws -> DatabaseQueue {
        do {
            return try DatabaseQueue(path: files.database, configuration: configuration)
        } catch let error as DatabaseError where error.isDamage {
            throw try setAside(Damage(error.message ?? "SQLite cannot read it"), witness)
        }
    }

    private func inspect(
        _ queue: DatabaseQueue,
        _ witness: JournalWitness?
    ) throws -> (JournalIdentity, PartitionProgress) {
        let damage: Damage
        do {
            return try queue.writeWithoutTransaction { database in
                try refuseNewer(database)
                try JournalSettings.apply(database)
                try JournalSchema.check(database)
                try checkPages(database)
                // Before anything is written: what the log still holds beyond a damaged place must not be overwritten.
                if let witness { try confirm(witness, database) }
                try JournalSchema.migrate(database)
                try database.checkpoint(.truncate)
                return (try readIdentity(database), try readProgress(database))
            }
        } catch let found as Damage {
            damage = found
        } catch let error as DatabaseError where error.isDamage {
            damage = Damage(error.message ?? "SQLite cannot read it")
        } catch {
            try? queue.close()
            throw error
        }
        // Moved while it is open: closing would fold the log back and delete it, and it may be all there is.
        let error = try setAside(damage, witness)
        try? queue.close()
        throw error
    }

    private func refuseNewer(_ database: Database) throws {
        let version = try JournalSchema.version(database)
        if version > JournalSchema.steps.count {
            throw JournalError(
                .mismatch,
                "\(files.database) was written by a newer release of Reprise (format \(version), this one knows up to "
                    + "\(JournalSchema.steps.count))"
            )
        }
        if version < 1 { throw Damage("it has no format version") }
    }

    private func checkPages(_ database: Database) throws {
        // The quick check leaves out whether indexes hold what their tables hold; two are asked for what is there:
        // a row they miss would be an instance that can be started again, an event that never arrives.
        for check in ["quick_check(1)", "integrity_check(instances)", "integrity_check(pending)"] {
            let found = try String.fetchAll(database, sql: "PRAGMA \(check)")
            if found != ["ok"] { throw Damage(found.first ?? "\(check) says nothing") }
        }
    }

    private func readIdentity(_ database: Database) throws -> JournalIdentity {
        guard let found = try RowStatement(database, JournalIdentity.select("")).first(JournalIdentity.self) else {
            throw Damage("the row that says whose it is is missing")
        }
        guard found.hub == hub, found.partition == files.partition, found.partitionCount == partitionCount else {
            throw JournalError(
                .mismatch,
                "\(files.database) is the journal of partition \(found.partition) of \(found.partitionCount) of hub "
                    + "\(found.hub), not of partition \(files.partition) of \(partitionCount) of hub \(hub)"
            )
        }
        return found
    }

    private func readProgress(_ database: Database) throws -> PartitionProgress {
        guard let progress = try RowStatement(database, PartitionProgress.select("")).first(PartitionProgress.self)
        else {
            throw Damage("the row that says how far it has come is missing")
        }
        return progress
    }

    /// Holds the file to what is known of it. Columns of every version, since this comes before migration.
    private func confirm(_ witness: JournalWitness, _ database: Database) throws {
        let journal = try String.fetchOne(database, sql: "SELECT journal FROM identity") ?? ""
        if let known = witness.journal, known != journal {
            throw JournalError(
                .mismatch,
                "\(files.database) is journal \(journal), but here was journal \(known); remove \(files.witness) if it "
                    + "was replaced on purpose"
            )
        }
        let commit = try Int64.fetchOne(database, sql: "SELECT commitNumber FROM progress") ?? 0
        if witness.commit > commit {
            throw Damage("it ends at commit \(commit), though commit \(witness.commit) had been written")
        }
    }

    // MARK: Damage

    /// Moves the file and what belongs to it out of the way, and says so now and at every start until a person acts.
    private func setAside(_ damage: Damage, _ witness: JournalWitness?) throws -> JournalError {
        let target = files.nameForDamaged()
        let name = target.split(separator: "/").last.map(String.init) ?? target
        let reason = damage.message.split(separator: "\n").joined(separator: " ")
        try JournalWitness(
            journal: witness?.journal,
            commit: witness?.commit ?? 0,
            setAside: "\(name): \(reason)"
        ).write(files)
        try move(to: target)
        return JournalError(
            .damaged,
            "the journal of partition \(files.partition) is damaged (\(reason)) and was set aside as \(target). \(remedy)"
        )
    }

    private func move(to target: String) throws {
        for suffix in JournalFiles.suffixes where Names.exists(files.database + suffix) {
            try Names.move(files.database + suffix, to: target + suffix)
        }
    }
}

extension DatabaseError {
    fileprivate var isDamage: Bool {
        resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_NOTADB
    }
}
