extension StatusSchema {
    /// The progress of activities: beside the instances, since it has no version and may be lost.
    static let progressTable = """
        CREATE TABLE activity_progress (
            instance TEXT NOT NULL,
            task INTEGER NOT NULL,
            incarnation INTEGER NOT NULL,
            partition INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            activity TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            time INTEGER NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (instance, task)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX activity_progress_by_epoch ON activity_progress (partition, epoch);
        """
}
