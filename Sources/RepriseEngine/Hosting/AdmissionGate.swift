import Synchronization

/// Counts those inside, and admits no more than allowed: nobody waits at it.
package final class AdmissionGate: Sendable {
    private let inside = Mutex(0)
    package let limit: Int

    package init(limit: Int) { self.limit = limit }

    /// - Parameter refusal: what is thrown when there is no room.
    package func pass<Value>(
        orThrow refusal: @autoclosure () -> any Error,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let isIn = inside.withLock { inside in
            guard inside < limit else { return false }
            inside += 1
            return true
        }
        guard isIn else { throw refusal() }
        defer { inside.withLock { $0 -= 1 } }
        return try await body()
    }
}
