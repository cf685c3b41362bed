/// Why waiting for a bell is over.
enum ChangeWait: Sendable {
    case rang
    /// The time is up, or the task was cancelled.
    case silence
    /// Nobody is there to be told.
    case left

    /// Waits for the first ring. Listen before you look, or what happens in between rings for nobody.
    static func wait(
        for bell: AsyncStream<Void>,
        upTo limit: Duration,
        on reader: ClientConnection,
        _ clock: any Clock<Duration>
    ) async -> ChangeWait {
        await withTaskGroup(of: ChangeWait.self) { group in
            group.addTask {
                for await _ in bell { return .rang }
                return .silence
            }
            group.addTask {
                try? await clock.sleep(for: limit)
                return .silence
            }
            group.addTask {
                await reader.untilClientLeaves()
                return .left
            }
            defer { group.cancelAll() }
            return await group.next() ?? .silence
        }
    }
}
