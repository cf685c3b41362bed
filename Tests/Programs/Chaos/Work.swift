import Reprise

/// A step that takes a while and answers with a number that follows from its input alone.
struct Work: Activity {
    struct Input: Codable, Sendable {
        /// Unique within its instance: history and ledger are compared by it.
        var step: String
        var value: Int
        var milliseconds: Int
    }

    let ledger: Ledger

    func run(_ context: ActivityContext, input: Input) async throws -> Int {
        try await ledger.record(Self.name, step: input.step, context) {
            try await ContinuousClock().sleep(for: .milliseconds(input.milliseconds))
            return Self.result(of: input.value)
        }
    }

    static func result(of value: Int) -> Int { (value * 31 + 7) % 1_000_003 }
}

/// Fails its first attempts, and answers with the number of the one that did not.
struct Flaky: Activity {
    struct Input: Codable, Sendable {
        var step: String
        var failures: Int
    }

    struct NotYet: Error {}

    let ledger: Ledger

    func run(_ context: ActivityContext, input: Input) async throws -> Int {
        try await ledger.record(Self.name, step: input.step, context) {
            guard context.attempt > input.failures else { throw NotYet() }
            return context.attempt
        }
    }
}
