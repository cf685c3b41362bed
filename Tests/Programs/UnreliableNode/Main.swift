import Foundation
import Reprise
import RepriseNode

/// A node as a user might write it, mistakes included; `UNRELIABLE_NODE=corrected` is its next release, without them.
@main struct Main {
    static func main() async throws {
        let isCorrected = ProcessInfo.processInfo.environment["UNRELIABLE_NODE"] == "corrected"
        try await Node(
            orchestrators: [
                Halving(isCorrected: isCorrected), Searching(isCorrected: isCorrected), Neighbour(), Risking(),
            ],
            activities: [Half(), Risk(isCorrected: isCorrected)],
            configuration: .fromEnvironment()
        ).runUntilSignalled()
    }
}

/// Divides a number by each of its inputs' halves, and has forgotten that a half may be zero.
struct Halving: Orchestrator {
    var isCorrected = false

    func run(_ context: OrchestrationContext, input: Int) async throws -> Int {
        try context.setCustomStatus("halving")
        let half = try await context.call(Half.self, input)
        if isCorrected, half == 0 { return 0 }
        return 100 / half
    }
}

/// Looks for a divisor, and never ends where there is none.
struct Searching: Orchestrator {
    var isCorrected = false

    func run(_ context: OrchestrationContext, input: Int) async throws -> Int {
        let half = try await context.call(Half.self, input)
        if isCorrected, half == 0 { return 0 }
        var candidate = 1
        while half == 0 || !candidate.isMultiple(of: half) { candidate = candidate % 1_000_003 + 1 }
        return candidate
    }
}

/// Minds its own business, next door.
struct Neighbour: Orchestrator {
    func run(_ context: OrchestrationContext, input: Int) async throws -> Int {
        var number = input
        while number > 1 {
            number = try await context.call(Half.self, number)
            try await context.sleep(for: .milliseconds(200))
        }
        return number
    }
}

struct Risking: Orchestrator {
    func run(_ context: OrchestrationContext, input: String) async throws -> String {
        try await context.call(Risk.self, input)
    }
}

struct Half: Activity {
    func run(_ context: ActivityContext, input: Int) async throws -> Int { input / 2 }
}

/// Takes the worker down with it, whenever it is given one particular task.
struct Risk: Activity {
    var isCorrected = false

    func run(_ context: ActivityContext, input: String) async throws -> String {
        if input == "deadly", !isCorrected { kill(getpid(), SIGKILL) }
        return "survived"
    }
}
