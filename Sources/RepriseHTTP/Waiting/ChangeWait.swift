/// Why a wait for a change is over.
enum ChangeWait: Sendable {
    case changed
    /// The time is up, or the task was canceled.
    case silence
    /// The client has left.
    case left

    /// Waits for the first change. Subscribe before you look, or what happens in between is missed.
    static func wait(
        for changes: AsyncStream<Void>,
        upTo limit: Duration,
        on reader: ClientConnection,
        _ clock: any Clock<Duration>
    ) async -> ChangeWait {
        await withTaskGroup(of: ChangeWait.self) { group in
            group.addTask {
                for await _ in changes { return .changed }
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
