import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

struct TwoSteps: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        let first: Int = try await context.call("Step", 1)
        try context.setCustomStatus("first done")
        let second: Int = try await context.call("Step", 2)
        return first + second
    }
}

/// Waits for all of them, and fails when one has.
struct Gatherer: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        let results = await withTaskGroup(of: Result<Int, any Error>.self) { group in
            for index in 0..<input.count {
                group.addTask {
                    do { return .success(try await context.call("Step", index)) } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return try results.reduce(0) { try $0 + $1.get() }
    }
}

struct Stubborn: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        try await context.call("Step", 1, retry: RetryPolicy(maximumAttempts: 2, firstInterval: .seconds(5)))
    }
}

struct Asker: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        let answer: String = try await context.waitForEvent("answer")
        if answer == "no" { throw Failure(type: "Refused", message: answer) }
        return try await context.waitForEvent("later")
    }
}

/// One activity with timeouts, and one without.
struct TimedBeside: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        async let timed: Int = context.call("Slow", 1, scheduleToStart: .seconds(10), startToClose: .seconds(5))
        let value: Int = try await context.call("Step", 2)
        return try await value + timed
    }
}

/// Tells an account how its activity went.
struct Announcer: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        let account = try EntityID("Account", "a")
        do {
            let value: Int = try await context.call("Step", 1)
            try context.signalEntity(account, "add", value)
            return value
        } catch {
            try context.signalEntity(account, "add", 1)
            throw error
        }
    }
}

extension Payload {
    static func number(_ value: Int64) -> Payload { Payload(trusted: Array("\(value)".utf8)) }
}
