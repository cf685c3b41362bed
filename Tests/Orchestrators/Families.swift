import Foundation
import Reprise
import RepriseKernel

/// Two children at once: one under an id of its own that has children too, one under a given id.
struct Family: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        let given = order.part("given")
        async let couple = context.callOrchestrator(Couple.self, order.part("couple"))
        async let sum = context.callOrchestrator(FanOut.self, given, id: try InstanceID(given.key))
        return try await couple + sum
    }
}

/// Two children, one after another.
struct Couple: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        let results = try await context.callOrchestrator(Hello.self, order.part("first"), tags: ["rank": "first"])
        let tag = try await context.callOrchestrator(Immediate.self, order.part("second"))
        return tag == order.part("second").tag ? results.count : -1
    }
}

/// Tries a child again that fails twice; with an even count all attempts have one id.
struct Persistent: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        let child = order.part("again")
        return try await context.callOrchestrator(
            Stumbler.self,
            child,
            id: order.count.isMultiple(of: 2) ? try InstanceID(child.key) : nil,
            retry: RetryPolicy(maximumAttempts: 4, firstInterval: .seconds(1))
        )
    }
}

/// Fails until it was tried three times, which an entity knows.
struct Stumbler: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        let tries: Int = try await context.callEntity(EntityID("Tally", order.key), "add", 1)
        guard tries >= 3 else { throw Failure(type: "Stumbled", message: "try \(tries)") }
        return tries
    }
}

/// Its child fails, and it hears why.
struct Bereaved: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> String {
        do {
            let _: Int = try await context.callOrchestrator(Thrower.self, order.part("child"))
            return "no failure"
        } catch let failure as SubOrchestrationFailed {
            return failure.failure.type
        }
    }
}

/// Starts another, now and later, and does not wait.
struct Herald: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> String {
        try context.startOrchestrator(Hello.self, order.part("sent-now"))
        let later = order.part("sent-later")
        try context.startOrchestrator(
            Immediate.self,
            later,
            id: try InstanceID(later.key),
            at: context.currentTime.addingTimeInterval(1.5)
        )
        return order.tag
    }
}

/// Events to and fro between a parent and its child.
struct Caller: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> [Int] {
        let child = order.part("echo")
        let id = try InstanceID(child.key)
        return try await withThrowingTaskGroup(of: [Int].self) { group in
            group.addTask {
                let _: Int = try await context.callOrchestrator(Echo.self, child, id: id)
                return []
            }
            group.addTask {
                for item in 0..<order.count { try context.sendEvent("Ping", item, to: id) }
                var items: [Int] = []
                for _ in 0..<order.count { items.append(try await context.waitForEvent("Pong")) }
                return items
            }
            return try await group.reduce([], +).sorted()
        }
    }
}

struct Echo: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        for _ in 0..<order.count {
            let item: Int = try await context.waitForEvent("Ping")
            if let parent = context.parentInstanceID { try context.sendEvent("Pong", item, to: parent) }
        }
        return order.count
    }
}

/// Its child never ends by itself.
struct Warden: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        try await context.callOrchestrator(Prisoner.self, order.part("prisoner"))
    }
}

struct Prisoner: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        try await context.waitForEvent("Pardon")
    }
}

/// Fails with its child until what is brittle is mended and it is rewound.
struct Mended: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        let before: Int = try await context.call("Double", Job(call: "\(order.tag)/0", value: 1))
        return before
            + (try await context.callOrchestrator(Cracked.self, order.part("cracked", count: order.count % 3)))
    }
}

/// Children of children, and at the bottom an activity that fails.
struct Cracked: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        if order.count > 0 {
            return try await context.callOrchestrator(Cracked.self, order.part("cracked", count: order.count - 1))
        }
        return try await context.call("Brittle", Job(call: "\(order.tag)/0", value: 20))
    }
}

extension TestOrchestrators {
    static func families(_ leaks: LeakCounter) -> [RegisteredOrchestrator] {
        [
            RegisteredOrchestrator(Family(leaks: leaks)), RegisteredOrchestrator(Couple(leaks: leaks)),
            RegisteredOrchestrator(Persistent(leaks: leaks)), RegisteredOrchestrator(Stumbler(leaks: leaks)),
            RegisteredOrchestrator(Bereaved(leaks: leaks)), RegisteredOrchestrator(Herald(leaks: leaks)),
            RegisteredOrchestrator(Caller(leaks: leaks)), RegisteredOrchestrator(Echo(leaks: leaks)),
            RegisteredOrchestrator(Warden(leaks: leaks)), RegisteredOrchestrator(Prisoner(leaks: leaks)),
            RegisteredOrchestrator(Mended(leaks: leaks)), RegisteredOrchestrator(Cracked(leaks: leaks)),
        ]
    }
}
