/// Something took longer than it may.
struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// Does some work, and gives it up when it takes too long.
///
/// - Throws: ``TimedOut``, or what `work` throws. The work is cancelled then, and awaited.
func within<Result: Sendable>(
    _ limit: Duration,
    of clock: any Clock<Duration>,
    _ what: String,
    _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await work() }
        group.addTask {
            try await clock.sleep(for: limit)
            return nil
        }
        guard let result = try await group.next() ?? nil else {
            throw TimedOut(description: "\(what) took longer than \(limit)")
        }
        return result
    }
}
