import Reprise

/// Greets so many cities at once, and counts the greetings.
struct FanOut: Orchestrator {
    func run(_ context: OrchestrationContext, input count: Int) async throws -> Int {
        guard count >= 0 else { throw Failure(type: "InvalidCount", message: "\(count) cities cannot be greeted") }
        return try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<count { group.addTask { try await context.call(SayHello.self, "city \(number)") } }
            var greetings = 0
            for try await _ in group { greetings += 1 }
            return greetings
        }
    }
}
