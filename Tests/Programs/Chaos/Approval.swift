import Reprise

/// The race between an event and its timeout.
struct Approval: Orchestrator {
    struct Input: Codable, Sendable {
        var seconds: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> String {
        try context.report(0)
        let answer: String
        do {
            answer = try await context.waitForEvent("Decision", as: String.self, timeout: .seconds(input.seconds))
        } catch is EventTimeout {
            answer = "timeout"
        }
        try context.report(1)
        return answer
    }
}
