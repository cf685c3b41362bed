import ServiceLifecycle

@testable import RepriseBroker

/// Runs `body` beside a worker and then lets the worker finish what it has begun.
func gracefully(_ worker: ActivityQueues, _ body: () async throws -> Void) async throws {
    let group = ServiceGroup(services: [worker], logger: LiveHub.logger)
    async let running: Void = group.run()
    do {
        try await body()
    } catch {
        await group.triggerGracefulShutdown()
        throw error
    }
    await group.triggerGracefulShutdown()
    try await running
}
