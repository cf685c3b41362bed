/// Something took longer than allowed.
package struct TimedOut: Error, CustomStringConvertible {
    package let description: String
}

/// Does some work, and gives up when it takes too long: the work is then canceled and awaited.
///
/// - Returns: nil when it took too long.
/// - Throws: what `work` throws, and `CancellationError` when the task is canceled.
package func within<Result: Sendable>(
    _ limit: Duration,
    of clock: any Clock<Duration>,
    _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await work() }
        group.addTask {
            try await clock.sleep(for: limit)
            return nil
        }
        return try await group.next() ?? nil
    }
}

/// Does some work that must not take too long.
///
/// - Parameter what: what took too long, for people.
/// - Throws: ``TimedOut``, and as ``within(_:of:_:)`` does.
package func within<Result: Sendable>(
    _ limit: Duration,
    of clock: any Clock<Duration>,
    _ what: String,
    _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    guard let result = try await within(limit, of: clock, work) else {
        throw TimedOut(description: "\(what) took longer than \(limit)")
    }
    return result
}
