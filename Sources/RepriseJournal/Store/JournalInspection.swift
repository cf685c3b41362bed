import GRDB
import RepriseEngine
import RepriseKernel

/// Checks that a database is what a journal must be, before it is used as one.
struct JournalInspection {
    /// The name of the database for people.
    let name: String
    let hub: HubName
    let partition: PartitionNumber
    let partitionCount: Int

    func refuseNewer(_ database: Database) throws {
        let version = try JournalSchema.version(database)
        if version > JournalSchema.steps.count {
            throw JournalError(
                .mismatch,
                "\(name) was written by a newer release of Reprise (format \(version), this one knows up to "
                    + "\(JournalSchema.steps.count))"
            )
        }
        if version < 1 { throw Damage("it has no format version") }
    }

    func checkPages(_ database: Database) throws {
        // The quick check does not compare indexes with their tables. Two indexes matter for existence: a row missing
        // from them would be an instance that can be started again, or an event that never arrives.
        for check in ["quick_check(1)", "integrity_check(instances)", "integrity_check(pending)"] {
            let found = try String.fetchAll(database, sql: "PRAGMA \(check)")
            if found != ["ok"] { throw Damage(found.first ?? "\(check) says nothing") }
        }
    }

    func readIdentity(_ database: Database) throws -> JournalIdentity {
        guard let found = try RowStatement(database, JournalIdentity.select("")).first(JournalIdentity.self) else {
            throw Damage("the row with its identity is missing")
        }
        guard found.hub == hub, found.partition == partition, found.partitionCount == partitionCount else {
            throw JournalError(
                .mismatch,
                "\(name) is the journal of partition \(found.partition) of \(found.partitionCount) of hub "
                    + "\(found.hub), not of partition \(partition) of \(partitionCount) of hub \(hub)"
            )
        }
        return found
    }

    func readProgress(_ database: Database) throws -> JournalHead {
        guard let head = try RowStatement(database, JournalHead.select("")).first(JournalHead.self)
        else {
            throw Damage("the row with its position is missing")
        }
        return head
    }

    /// Checks that a snapshot is what the head of its log says.
    func checkSnapshot(_ database: Database, _ head: LogHead) throws {
        guard head.format == JournalSchema.steps.count else {
            throw JournalError(
                .mismatch,
                "the log of partition \(partition) has format \(head.format), and this release writes format "
                    + "\(JournalSchema.steps.count): changes are never applied across formats"
            )
        }
        guard try JournalSchema.version(database) == head.format else { throw Damage("it has another format") }
        try JournalSchema.check(database)
        try checkPages(database)
        guard try readIdentity(database) == head.identity else { throw Damage("it is another journal") }
        let standing = JournalPosition(try readProgress(database))
        guard standing == head.standing else {
            throw Damage(
                "it is at commit \(standing.commit), not at commit \(head.standing.commit) as its log says"
            )
        }
    }
}

extension DatabaseError {
    var isDamage: Bool {
        resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_NOTADB
    }
}
