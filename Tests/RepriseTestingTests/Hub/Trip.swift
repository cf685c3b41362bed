import Reprise
import RepriseKernel

/// What the tests of the hub run: calls, events, timers, children and entities, each in a few lines.
struct Greet: Activity {
    func run(_ context: ActivityContext, input name: String) async throws -> String { "Hello \(name)!" }
}

struct Greetings: Orchestrator {
    func run(_ context: OrchestrationContext, input names: [String]) async throws -> [String] {
        var greetings: [String] = []
        for name in names {
            greetings.append(try await context.call(Greet.self, name))
            try context.setCustomStatus(name)
        }
        return greetings
    }
}

struct Approval: Orchestrator {
    func run(_ context: OrchestrationContext, input: Int) async throws -> Bool {
        do {
            return try await context.waitForEvent("Approved", timeout: .days(3))
        } catch is EventTimeout {
            return false
        }
    }
}

/// Waits forever, and for what comes first.
struct Waiter: Orchestrator {
    func run(_ context: OrchestrationContext, input: Int) async throws -> String {
        try await context.waitForEvent("Go", as: String.self)
    }
}

struct Parent: Orchestrator {
    func run(_ context: OrchestrationContext, input count: Int) async throws -> [String] {
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for index in 0..<count {
                group.addTask {
                    (index, try await context.callOrchestrator(Greetings.self, ["child \(index)"]).joined())
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

struct Guardian: Orchestrator {
    func run(_ context: OrchestrationContext, input: Int) async throws -> String {
        try await context.callOrchestrator(Waiter.self, input, id: try InstanceID("\(context.instanceID)-child"))
    }
}

struct Persistent: Orchestrator {
    func run(_ context: OrchestrationContext, input name: String) async throws -> String {
        try await context.call(
            Greet.self,
            name,
            retry: RetryPolicy(maximumAttempts: 3, firstInterval: .seconds(60), backoffCoefficient: 2)
        )
    }
}

struct Impatient: Orchestrator {
    func run(_ context: OrchestrationContext, input name: String) async throws -> String {
        do {
            return try await context.call(
                Greet.self,
                name,
                scheduleToStart: .seconds(30),
                startToClose: .seconds(10)
            )
        } catch let error as ActivityFailed {
            return error.failure.type
        }
    }
}

/// Begins again until its input is used up.
struct Countdown: Orchestrator {
    func run(_ context: OrchestrationContext, input: Int) async throws -> String {
        guard input > 0 else { return "done" }
        try await context.sleep(for: .seconds(3600))
        try context.continueAsNew(input - 1)
    }
}

/// Sends an event to the given instance.
struct Caller: Orchestrator {
    func run(_ context: OrchestrationContext, input id: String) async throws -> Int {
        try context.sendEvent("Hello", 1, to: try InstanceID(id))
        return 0
    }
}

struct Counter: Entity {
    func perform(_ operation: EntityOperation, on state: inout Int?) throws -> Int {
        switch operation.name {
        case "add": state = (state ?? 0) + (try operation.input())
        case "get": break
        default: throw operation.unknown
        }
        return state ?? 0
    }
}

struct Teller: Orchestrator {
    func run(_ context: OrchestrationContext, input amount: Int) async throws -> Int {
        let account = try EntityID("counter", "a")
        return try await context.withLock(on: [account, try EntityID("counter", "b")]) {
            let held = try await context.callEntity(account, "get", returning: Int.self)
            try await context.sleep(for: .seconds(5))
            return try await context.callEntity(account, "add", amount + held - held, returning: Int.self)
        }
    }
}
