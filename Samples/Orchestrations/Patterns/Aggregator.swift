import Reprise

/// Moves things from one shelf to another, while no one else can use either.
struct MoveStock: Orchestrator {
    func run(_ context: OrchestrationContext, input count: Int) async throws -> Int {
        let (left, right) = (try EntityID("Stock", "left"), try EntityID("Stock", "right"))
        return try await context.withLock(on: [left, right]) {
            try await context.callEntity(left, "take", count)
            return try await context.callEntity(right, "put", count)
        }
    }
}
