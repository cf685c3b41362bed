import GRDB

/// The outcome of a request for an index.
package enum IndexAddition: Equatable, Sendable {
    case added
    case existed
    /// Not possible, and why.
    case refused(String)
}

extension StatusModel {
    /// The added indexes, oldest first.
    package func indexes() async throws -> [StatusIndex] {
        try await pool.read { db in try StatusIndex.all(in: db) }
    }

    /// Indexes a field, in one transaction: all changes wait for it, some seconds for a million instances. It stays until
    /// it is removed, through restarts, rebuilds and later releases.
    package func addIndex(of field: StatusField) async throws -> IndexAddition {
        if field == .age { return .refused("'age' has the index of 'lastUpdatedTime'") }
        if StatusIndex.builtIn.contains(field) { return .existed }
        return try await pool.write { [searchLimits] db in
            let all = try StatusIndex.all(in: db)
            if all.contains(where: { $0.field == field }) { return .existed }
            guard all.count < searchLimits.indexes else {
                return .refused("there are already \(all.count) indexes, the maximum: remove one first")
            }
            try StatusIndex(field: field, number: (all.last?.number ?? 0) + 1).create(in: db)
            return .added
        }
    }

    /// - Returns: false when there was none.
    package func removeIndex(of field: StatusField) async throws -> Bool {
        try await pool.write { db in
            guard let index = try StatusIndex.all(in: db).first(where: { $0.field == field }) else { return false }
            try index.drop(from: db)
            return true
        }
    }
}
