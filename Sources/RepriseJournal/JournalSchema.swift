import GRDB

/// The tables, by version. A released step is never edited: the next change is a new step at the end.
///
/// Every table is STRICT, has a declared NOT NULL primary key and no trigger, so that its changes can be shipped.
/// Rows that grow with the work are stored in commit order; only what is looked up by a random key has an index, since
/// indexes are written where the file does not grow.
enum JournalSchema {
    /// "RPRS", in the header of the file.
    static let applicationID = 0x5250_5253

    static let steps = [tablesOfTheFirstRelease]

    /// Every table, since every change belongs in the log.
    static let tables: [StaticString] = [
        "identity", "progress", "history", "instances", "timers", "pending", "held", "seen", "inline", "crashes",
        "retries",
    ]

    static func version(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// Throws unless the tables and indexes are exactly those of the file's version, which this release must know.
    ///
    /// Their definitions are rows like any other: with one letter changed, SQLite would find other columns or none.
    static func check(_ database: Database) throws {
        let expected = try expected[version(database) - 1].get()
        guard try definitions(database) == expected else { throw Damage("the definitions of its tables are damaged") }
    }

    /// By version, from 1. Made once: a simulation opens journals by the thousand.
    private static let expected = (1...steps.count).map { version in
        Result {
            try DatabaseQueue().writeWithoutTransaction { pattern in
                try migrate(pattern, to: version)
                return try definitions(pattern)
            }
        }
    }

    private static func definitions(_ database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql:
                "SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1"
        )
    }

    /// Brings an older file up to a version, one step and one transaction at a time.
    static func migrate(_ database: Database, to version: Int = steps.count) throws {
        for (index, step) in steps.prefix(version).enumerated().dropFirst(try self.version(database)) {
            try database.inTransaction(.immediate) {
                try database.execute(sql: step)
                try database.execute(sql: "PRAGMA user_version = \(index + 1)")
                return .commit
            }
        }
    }

    private static let tablesOfTheFirstRelease = """
        CREATE TABLE identity (
            one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
            journal TEXT NOT NULL,
            hub TEXT NOT NULL,
            partition INTEGER NOT NULL,
            partitionCount INTEGER NOT NULL,
            rowSum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE progress (
            one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
            commitNumber INTEGER NOT NULL,
            chain INTEGER NOT NULL,
            time INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            nextKey INTEGER NOT NULL,
            nextPosition INTEGER NOT NULL,
            nextPending INTEGER NOT NULL,
            nextOutbound INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            confirmedThrough INTEGER NOT NULL,
            confirmedBeyond BLOB NOT NULL,
            unconfirmedFrom INTEGER NOT NULL,
            droppedResults INTEGER NOT NULL,
            rowSum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE history (
            position INTEGER NOT NULL PRIMARY KEY,
            instance INTEGER NOT NULL,
            previous INTEGER NOT NULL,
            firstOutbound INTEGER NOT NULL,
            firstSequence INTEGER NOT NULL,
            records BLOB NOT NULL,
            rowSum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE instances (
            key INTEGER NOT NULL PRIMARY KEY,
            id TEXT NOT NULL,
            name TEXT NOT NULL,
            incarnation INTEGER NOT NULL,
            runtimeStatus TEXT NOT NULL,
            version INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            createdTime INTEGER NOT NULL,
            lastUpdatedTime INTEGER NOT NULL,
            firstPosition INTEGER NOT NULL,
            lastPosition INTEGER NOT NULL,
            customStatusPosition INTEGER NOT NULL,
            endPosition INTEGER NOT NULL,
            hiddenThrough INTEGER,
            rowSum INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX visibleInstances ON instances (id) WHERE hiddenThrough IS NULL;
        CREATE INDEX hiddenInstances ON instances (key) WHERE hiddenThrough IS NOT NULL;

        CREATE TABLE timers (
            instance INTEGER NOT NULL,
            task INTEGER NOT NULL,
            due INTEGER NOT NULL,
            rowSum INTEGER NOT NULL,
            PRIMARY KEY (instance, task)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE pending (
            position INTEGER NOT NULL PRIMARY KEY,
            instance INTEGER NOT NULL,
            record BLOB NOT NULL,
            rowSum INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX pendingOfInstance ON pending (instance);

        CREATE TABLE held (
            position INTEGER NOT NULL PRIMARY KEY,
            instance TEXT NOT NULL,
            name TEXT NOT NULL,
            payload BLOB NOT NULL,
            messageID TEXT,
            until INTEGER NOT NULL,
            original BLOB NOT NULL,
            rowSum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE seen (
            key BLOB NOT NULL PRIMARY KEY,
            fingerprint INTEGER NOT NULL,
            time INTEGER NOT NULL,
            rowSum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX seenByTime ON seen (time);

        CREATE TABLE inline (
            number INTEGER NOT NULL PRIMARY KEY,
            message BLOB NOT NULL,
            rowSum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE crashes (
            instance TEXT NOT NULL PRIMARY KEY,
            count INTEGER NOT NULL,
            rowSum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE retries (
            number INTEGER NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            due INTEGER NOT NULL,
            reason TEXT NOT NULL,
            rowSum INTEGER NOT NULL
        ) STRICT;
        """
}
