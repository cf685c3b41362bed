extension StatusSchema {
    /// The changes of instances so far. A row refers to the rows with the lifecycle and custom status in force, so that
    /// each can be read alone; nothing in the instance's own row is stored twice.
    static let changes = """
        CREATE TABLE changes (
            id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
            incarnation INTEGER NOT NULL,
            version INTEGER NOT NULL,
            kind TEXT NOT NULL,
            time INTEGER NOT NULL,
            lifecycle INTEGER NOT NULL,
            custom_status INTEGER NOT NULL,
            partition INTEGER NOT NULL,
            sequence INTEGER,
            payload TEXT,
            failure TEXT,
            PRIMARY KEY (id, incarnation, version)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX changes_by_sequence ON changes (partition, sequence) WHERE sequence IS NOT NULL;

        CREATE TABLE purges (
            partition INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            id TEXT NOT NULL,
            name TEXT NOT NULL,
            incarnation INTEGER NOT NULL,
            version INTEGER NOT NULL,
            created INTEGER NOT NULL,
            time INTEGER NOT NULL,
            PRIMARY KEY (partition, sequence)
        ) STRICT, WITHOUT ROWID;
        """
}
