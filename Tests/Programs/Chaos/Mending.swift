import Reprise

/// Fails with its activity, and goes on from there once someone has rewound it.
struct Mending: Orchestrator {
    struct Input: Codable, Sendable {
        var value: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        try context.report(0)
        let value = try await context.call(Repair.self, Repair.Input(step: "repair", value: input.value))
        // The same by a patch: what it says of itself is kept over the rewind.
        try context.patchCustomStatus(Progress(done: 1))
        let result = try await context.call(Work.self, Work.Input(step: "after", value: value, milliseconds: 10))
        try context.report(2)
        return result
    }
}

/// Fails however often it is tried under the first idempotency key of its step, and works under any other.
struct Repair: Activity {
    struct Input: Codable, Sendable {
        var step: String
        var value: Int
    }

    struct StillBroken: Error {}

    let ledger: Ledger

    func run(_ context: ActivityContext, input: Input) async throws -> Int {
        try await ledger.record(Self.name, step: input.step, context) {
            try context.reportProgress(Progress(done: context.attempt))
            guard try !ledger.isFirstKey(of: input.step, context) else { throw StillBroken() }
            return Work.result(of: input.value)
        }
    }
}
