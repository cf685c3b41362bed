import RepriseEngine
import RepriseKernel
import RepriseStatus
import ServiceLifecycle

/// Requests that are held until an instance changes.
extension Gateway {
    private enum Sight {
        case met(InstanceStatus)
        case gone
    }

    /// Checks the instance now, whenever the model receives a change of it, and at every `interval`, until the
    /// condition is met.
    ///
    /// - Returns: nil when the time is up first, when the instance or the client is gone, or when the gateway shuts down.
    func watch(
        _ instance: InstanceID,
        upTo limit: Duration,
        lookingEvery interval: Duration,
        for call: Call,
        until isMet: @escaping @Sendable (InstanceStatus) -> Bool
    ) async throws -> InstanceStatus? {
        let changes = model.changes(of: instance)
        let interval = max(min(interval, limit / 2), .milliseconds(50))
        do {
            return try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup(of: Sight?.self) { group in
                    group.addTask {
                        if let sight = try await look(at: instance, isMet) { return sight }
                        for await _ in changes {
                            if let sight = try await look(at: instance, isMet) { return sight }
                        }
                        throw CancellationError()
                    }
                    group.addTask {
                        while true {
                            try await clock.sleep(for: interval)
                            if let sight = try await look(at: instance, isMet) { return sight }
                        }
                    }
                    // The time limit covers everything: one check may take as long as a partition is unavailable.
                    group.addTask {
                        try await clock.sleep(for: limit)
                        return nil
                    }
                    group.addTask {
                        await call.connection.untilClientLeaves()
                        return nil
                    }
                    defer { group.cancelAll() }
                    guard case .met(let status)?? = try await group.next() else { return nil }
                    return status
                }
            }
        } catch is CancellationError {
            return nil
        }
    }

    private func look(
        at instance: InstanceID,
        _ isMet: @Sendable (InstanceStatus) -> Bool
    ) async throws -> Sight? {
        do {
            guard let status = try await current(instance) else { return .gone }
            return isMet(status) ? .met(status) : nil
        } catch is HubUnavailable {
            return nil
        }
    }
}
