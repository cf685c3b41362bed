import GRDB
import RepriseKernel

/// The tables of a read model, and the identity that ties a file to its hub.
enum StatusSchema {
    /// "RpSt": distinguishes a read model from any other SQLite file.
    static let applicationID: Int32 = 0x5270_5374
    static let version: Int32 = 4

    /// After what the indexes of instances are ordered by come the columns that lists and counts compare: what is left
    /// out is left out without a look at its row, which takes thirty times as long. SQLite does not know that the
    /// conditions of an index need no row, so it weighs a narrow index as better: all have these columns.
    static let tables = """
        CREATE TABLE identity (
            one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
            gateway TEXT NOT NULL,
            hub TEXT NOT NULL,
            partitions INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE partitions (
            partition INTEGER PRIMARY KEY NOT NULL,
            applied INTEGER NOT NULL,
            run_start INTEGER,
            run_end INTEGER,
            epoch INTEGER NOT NULL,
            known INTEGER NOT NULL,
            journal TEXT,
            sweep INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE instances (
            id TEXT PRIMARY KEY NOT NULL,
            partition INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            sweep INTEGER NOT NULL,
            purged INTEGER NOT NULL,
            entity INTEGER NOT NULL,
            name TEXT NOT NULL,
            incarnation INTEGER NOT NULL,
            version INTEGER NOT NULL,
            runtime_status TEXT NOT NULL,
            lifecycle_version INTEGER NOT NULL,
            custom_status_version INTEGER NOT NULL,
            input_version INTEGER NOT NULL,
            created INTEGER NOT NULL,
            last_updated INTEGER NOT NULL,
            custom_status TEXT,
            failure TEXT,
            output TEXT,
            input TEXT,
            traits_version INTEGER NOT NULL,
            orchestrator_version TEXT,
            parent TEXT,
            start_time INTEGER,
            tags TEXT
        ) STRICT;

        CREATE INDEX instances_by_creation ON instances (created, id, runtime_status, name, parent, last_updated)
            WHERE purged = 0 AND entity = 0;
        CREATE INDEX instances_by_change ON instances (last_updated, id, runtime_status, name, parent)
            WHERE purged = 0 AND entity = 0;
        CREATE INDEX instances_by_status ON instances (runtime_status, id, created, name, parent, last_updated)
            WHERE purged = 0 AND entity = 0;
        CREATE INDEX instances_by_status_and_creation
            ON instances (runtime_status, created, id, name, parent, last_updated) WHERE purged = 0 AND entity = 0;
        CREATE INDEX instances_by_parent ON instances (parent, id) WHERE purged = 0 AND parent IS NOT NULL;
        CREATE INDEX tombstones ON instances (partition, sequence) WHERE purged = 1;
        """

    /// Replaces an earlier release's tables. Their rows are not carried over: the nodes have them all, and the
    /// projector asks for what an empty model lacks. Indexes that were added stay.
    static func replace(in db: Database, hub: HubName, partitions: Int, gateway: String) throws {
        let indexes = try db.tableExists("indexes") ? StatusIndex.all(in: db) : []
        for table in ["purges", "changes", "instances", "partitions", "identity", "indexes", "activity_progress"] {
            try db.execute(sql: "DROP TABLE IF EXISTS \(table)")
        }
        try create(in: db, hub: hub, partitions: partitions, gateway: gateway)
        for index in indexes { try index.create(in: db) }
    }

    static func create(in db: Database, hub: HubName, partitions: Int, gateway: String) throws {
        try db.execute(sql: tables)
        try db.execute(sql: changes)
        try db.execute(sql: StatusIndex.table)
        try db.execute(sql: progressTable)
        try db.execute(
            sql: "INSERT INTO identity (one, gateway, hub, partitions) VALUES (1, ?, ?, ?)",
            arguments: [gateway, hub.value, partitions]
        )
        for partition in 0..<partitions {
            try AppliedPosition(partition: PartitionNumber(partition)).insert(into: db)
        }
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(version)")
    }
}
