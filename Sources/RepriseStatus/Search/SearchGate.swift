import Synchronization

/// Counts the searches in progress, and admits no more than allowed.
final class SearchGate: Sendable {
    private let inside = Mutex(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// - Throws: ``SearchError`` (`.busy`).
    func pass<Value>(_ body: () async throws -> Value) async throws -> Value {
        let isIn = inside.withLock { inside in
            guard inside < limit else { return false }
            inside += 1
            return true
        }
        guard isIn else { throw SearchError(.busy, "\(limit) searches are in progress: try again in a moment") }
        defer { inside.withLock { $0 -= 1 } }
        return try await body()
    }
}
