import Reprise

/// Its child waits for what never comes: both end when someone terminates them.
struct Guarding: Orchestrator {
    struct Input: Codable, Sendable {}

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        try await context.callOrchestrator(Captive.self, input, id: InstanceID("\(context.instanceID).captive"))
    }
}

struct Captive: Orchestrator {
    func run(_ context: OrchestrationContext, input: Guarding.Input) async throws -> Int {
        try await context.waitForEvent("Pardon")
    }
}
