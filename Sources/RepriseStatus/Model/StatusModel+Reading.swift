import GRDB
package import RepriseKernel

extension StatusModel {
    /// What the model knows of an instance; nil when it knows nothing, which does not mean that it does not exist.
    package func get(_ instance: InstanceID) async throws -> InstanceStatus? {
        try await pool.read { db in
            guard let record = try StatusRecord.load(instance, from: db), !record.isPurged else { return nil }
            return record.status
        }
    }

    /// One page of the entities that match the filter, in the order of their ids, with their states as custom status.
    package func entities(
        _ filter: EntityFilter = EntityFilter(),
        after token: ContinuationToken? = nil,
        limit: Int,
        includingStates: Bool = true,
        maximumBytes: Int = 8 << 20
    ) async throws -> InstanceList {
        var query = filter.query
        if let token { query.add("id > \(token.lastID)") }
        let columns = includingStates ? StatusRecord.columns : StatusRecord.columnsWithoutState
        let condition = query.condition
        return try await pool.read { db in
            let request: SQL = """
                SELECT \(sql: columns) FROM instances WHERE \(condition) ORDER BY id LIMIT \(max(1, limit) + 1)
                """
            var page = InstanceList(statuses: [], next: nil)
            var bytes = 0
            let rows = try SQLRequest<Row>(literal: request).fetchCursor(db)
            while let row = try rows.next() {
                guard page.statuses.count < limit, bytes <= maximumBytes else {
                    page.next = page.statuses.last.map { ContinuationToken(lastID: $0.instance.value) }
                    break
                }
                let status = try StatusRecord(row: row).status
                bytes += status.customStatus.bytes.count
                page.statuses.append(status)
            }
            return page
        }
    }

    /// The ids of the ended instances that match the filter, in order, after `id`.
    ///
    /// - Throws: ``SearchError``.
    package func purgeCandidates(_ filter: InstanceFilter, after id: InstanceID?, limit: Int) async throws
        -> [InstanceID]
    {
        var filter = filter
        let ended = Set(RuntimeStatus.allCases.filter(\.isEnded))
        filter.runtimeStatuses = filter.runtimeStatuses?.intersection(ended) ?? ended
        return try await search { [filter] db in
            var query = filter.query(try StatusIndex.columns(in: db))
            if let id { query.add("id > \(id.value)") }
            let request: SQL = "SELECT id FROM instances WHERE \(query.condition) ORDER BY id LIMIT \(limit)"
            return try SQLRequest<String>(literal: request).fetchAll(db).map(InstanceID.init(trusted:))
        }
    }

    /// The most recently created instances, newest first; without their inputs.
    package func newest(_ limit: Int) async throws -> [InstanceStatus] {
        try await pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(StatusRecord.columnsWithoutPayloads) FROM instances WHERE purged = 0 AND entity = 0
                    ORDER BY created DESC, id DESC LIMIT ?
                    """,
                arguments: [limit]
            ).map { try StatusRecord(row: $0).status }
        }
    }

    /// How many instances have each runtime status.
    package func countByStatus() async throws -> [RuntimeStatus: Int] {
        try await pool.read { db in
            var counts: [RuntimeStatus: Int] = [:]
            let sql = """
                SELECT runtime_status, count(*) FROM instances WHERE purged = 0 AND entity = 0 GROUP BY runtime_status
                """
            for row in try Row.fetchAll(db, sql: sql) {
                if let status = RuntimeStatus(rawValue: row[0]) { counts[status] = row[1] }
            }
            return counts
        }
    }

    /// How far the model has followed each partition.
    package func appliedPositions() async throws -> [AppliedPosition] {
        try await pool.read { db in try AppliedPosition.all(from: db) }
    }

    func appliedPosition(of partition: PartitionNumber) async throws -> AppliedPosition {
        try await pool.read { db in try AppliedPosition.load(partition, from: db) }
    }

    /// Fires whenever what the model knows of the instance changes, for as long as it is listened to.
    package func changes(of instance: InstanceID) -> AsyncStream<Void> { notifier.listen(to: instance) }
}
