import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators

/// Orchestrators that are canceled: what the tests of cancellation run.
enum Cancelable {
    static let all =
        Family.all + [
            RegisteredOrchestrator(Undoing()), RegisteredOrchestrator(Everything()), RegisteredOrchestrator(Deaf()),
            RegisteredOrchestrator(Relentless()), RegisteredOrchestrator(Breaking()), RegisteredOrchestrator(Locking()),
            RegisteredOrchestrator(Litter()),
        ]
}

/// Does something, waits, and undoes it when it is canceled.
struct Undoing: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        let done: Int = try await context.call("Double", Call(call: "do", value: 1))
        do {
            return try await context.waitForEvent("go", timeout: .days(1))
        } catch is CancellationError where context.isCancellationRequested {
            try await context.sleep(for: .seconds(5))
            try await context.call("Double", Call(call: "undo", value: done), returning: Int.self)
            try context.setCustomStatus("undone: \(context.cancellationReason ?? "")")
            throw CancellationError()
        }
    }
}

/// Waits for one of everything at once, and says which of them were canceled.
struct Everything: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> [String] {
        let account = try EntityID("Account", "a")
        return try await withThrowingTaskGroup(of: String?.self, returning: [String].self) { group in
            group.addTask { try await canceled("timer") { try await context.sleep(for: .days(1)) } }
            group.addTask {
                try await canceled("activity") { try await context.call("Double", input, returning: Int.self) }
            }
            group.addTask {
                try await canceled("event") { let _: JSON = try await context.waitForEvent("never") }
            }
            group.addTask {
                try await canceled("child") { try await context.callOrchestrator(Patient.self, input, id: "patient") }
            }
            group.addTask {
                try await canceled("entity") { let _: Int = try await context.callEntity(account, "get") }
            }
            var names: [String] = []
            for try await name in group { if let name { names.append(name) } }
            return names
        }
    }
}

/// The name of a wait that its orchestration's cancellation has ended, and nothing else.
private func canceled(_ name: String, _ work: () async throws -> Void) async throws -> String? {
    do {
        try await work()
        return nil
    } catch is CancellationError where !Task.isCancelled {
        return name
    }
}

/// Does not stop.
struct Deaf: Orchestrator {
    static let gracePeriod = Duration.seconds(10)

    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        while true {
            do {
                try await context.call("Slow", input, returning: Int.self)
            } catch is CancellationError { continue }
        }
    }
}

/// Goes on in a new generation, canceled or not.
struct Relentless: Orchestrator {
    func run(_ context: OrchestrationContext, input: Int) async throws -> Int {
        do {
            try await context.sleep(for: .seconds(3))
        } catch is CancellationError { try await context.sleep(for: .seconds(3)) }
        try context.continueAsNew(input + 1)
    }
}

/// Its clean-up fails until what is brittle is mended.
struct Breaking: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        do {
            return try await context.waitForEvent("go")
        } catch is CancellationError {
            try await context.call("Brittle", Call(call: "undo", value: 1), returning: Int.self)
            throw CancellationError()
        }
    }
}

/// Cleans up within a lock that it has, or gives up one that is on its way.
struct Locking: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        let account = try EntityID("Account", "a")
        return try await context.withLock(on: [account]) {
            do {
                return try await context.waitForEvent("go")
            } catch is CancellationError {
                let _: Int = try await context.callEntity(account, "add", 1)
                throw CancellationError()
            }
        }
    }
}

/// Has a child with a policy, and stops waiting for it in some way.
struct Litter: Orchestrator {
    struct Plan: Codable, Sendable {
        var policy: String
        var end: String
    }

    func run(_ context: OrchestrationContext, input: Plan) async throws -> Int {
        let policy = ParentClosePolicy(rawValue: input.policy) ?? .abandon
        return try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try await context.callOrchestrator(Undoing.self, Order(tag: "c"), id: "c", parentClose: policy)
            }
            switch input.end {
            case "sibling":
                group.addTask {
                    _ = try await context.callOrchestrator(Child.self, Order(tag: "fail"), parentClose: policy)
                    return 0
                }
            case "race":
                group.addTask {
                    try await context.sleep(for: .seconds(1))
                    return 1
                }
            default: break
            }
            defer { group.cancelAll() }
            return try await group.next() ?? 0
        }
    }
}

extension PartitionFixture {
    static func cancelable() throws -> PartitionFixture {
        try PartitionFixture(adding: Cancelable.all, entities: [RegisteredEntity(Account(), limits: Limits())])
    }
}
