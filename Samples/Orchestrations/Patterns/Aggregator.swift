import Reprise

/// Moves things from one shelf to another, while no one else can use either.
struct MoveStock: Orchestrator {
    func run(_ context: OrchestrationContext, input count: Int) async throws -> Int {
        try await context.withLock(on: [try Stock.id("left"), try Stock.id("right")]) {
            try await context.callEntity(Stock.self, "left", .take(count))
            return try await context.callEntity(Stock.self, "right", .put(count))
        }
    }
}
