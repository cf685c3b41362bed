import Reprise

/// Does not wait for its activity, which dawdles at first.
struct Hurrying: Orchestrator {
    struct Input: Codable, Sendable {
        var dawdles: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> String {
        // Each fault may cost an attempt more.
        let answer = try await context.call(
            Dawdle.self,
            Dawdle.Input(step: "dawdle", times: input.dawdles),
            retry: RetryPolicy(maximumAttempts: 1_000, firstInterval: .milliseconds(100)),
            scheduleToStart: .seconds(30),
            startToClose: .seconds(1)
        )
        try context.report(1)
        return answer
    }
}

/// Takes longer than anyone waits, so many times; then it answers at once.
struct Dawdle: Activity {
    struct Input: Codable, Sendable {
        var step: String
        var times: Int
    }

    let ledger: Ledger

    func run(_ context: ActivityContext, input: Input) async throws -> String {
        try await ledger.record(Self.name, step: input.step, context) {
            try context.reportProgress(Progress(done: context.attempt))
            if context.attempt <= input.times { try await ContinuousClock().sleep(for: .seconds(4)) }
            return "done"
        }
    }
}
