import GRDB

extension StatusModel {
    /// Reads within the limits of a search, on connections of their own: a costly one never keeps a status waiting.
    ///
    /// - Throws: ``SearchError``, or what `body` throws.
    func search<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await gate.pass {
            try await withThrowingTaskGroup(of: Value?.self) { group in
                defer { group.cancelAll() }
                // Cancelled, the read is interrupted.
                group.addTask { [searches] in try await searches.read(body) }
                group.addTask { [searchLimits] in
                    try await searchLimits.sleep(searchLimits.time)
                    return nil
                }
                guard let value = try await group.next() ?? nil else {
                    throw SearchError(
                        .tooSlow,
                        "the search was ended after \(searchLimits.time): ask for less, or index what it asks for, "
                            + "like this: reprise index add 'customStatus.stage'"
                    )
                }
                return value
            }
        }
    }
}
