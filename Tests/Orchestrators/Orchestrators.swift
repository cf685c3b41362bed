import Foundation
import Reprise
import RepriseKernel

/// What every orchestrator of the load is given: `tag` is unique to the start that asked.
package struct Order: Codable, Sendable, Equatable {
    package var tag: String
    package var count: Int

    package init(tag: String, count: Int = 3) {
        self.tag = tag
        self.count = count
    }

    /// The same for something that this one has done: its tag begins with this one's.
    package func part(_ name: String, count: Int? = nil) -> Order {
        Order(tag: "\(tag)/\(name)", count: count ?? self.count)
    }

    /// The tag as it may stand in an id.
    package var key: String { String(tag.map { "#/".contains($0) ? "." : $0 }) }
}

/// What every activity of the load is given: `call` is unique to the orchestrator's call.
package struct Job: Codable, Sendable, Equatable {
    package var call: String
    package var value: Int
}

/// An orchestrator whose code is counted while it is alive.
protocol Lodger: Orchestrator {
    associatedtype Input
    associatedtype Output
    var leaks: LeakCounter { get }
    func live(_ context: OrchestrationContext, _ input: Input) async throws -> Output
}

extension Lodger {
    func run(_ context: OrchestrationContext, input: Input) async throws -> Output {
        leaks.enter()
        defer { leaks.leave() }
        return try await live(context, input)
    }
}

/// One activity after another, with a custom status after each.
struct Hello: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> [Int] {
        var results: [Int] = []
        for step in 0..<order.count {
            results.append(try await context.call("Double", Job(call: "\(order.tag)/\(step)", value: step)))
            try context.setCustomStatus("step \(step)")
        }
        return results
    }
}

struct FanOut: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<order.count {
                group.addTask { try await context.call("Double", Job(call: "\(order.tag)/\(index)", value: index)) }
            }
            return try await group.reduce(0, +)
        }
    }
}

/// The activity fails twice; the third attempt is good.
struct Retrying: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        try await context.call(
            "Flaky",
            Job(call: "\(order.tag)/0", value: 21),
            retry: RetryPolicy(maximumAttempts: 3, firstInterval: .seconds(2), backoffCoefficient: 2)
        )
    }
}

/// An event or a timer, whichever is first.
struct Race: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> String {
        do {
            return try await context.waitForEvent("go", as: String.self, timeout: .seconds(20))
        } catch is EventTimeout {
            return "timeout"
        }
    }
}

/// Takes `count` events of one name, in the order they come.
struct Collector: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> [Int] {
        var items: [Int] = []
        for _ in 0..<order.count { items.append(try await context.waitForEvent("Item")) }
        return items
    }
}

struct Pacer: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        for step in 0..<order.count {
            try context.setCustomStatus(["step": step])
            try await context.sleep(for: .milliseconds(1500))
            try context.clearCustomStatus()
        }
        return order.count
    }
}

/// Changes one member of its status after the other; what came with the start stays.
struct Painter: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        for step in 0..<order.count {
            let value: Int = try await context.call("Double", Job(call: "\(order.tag)/\(step)", value: step))
            try context.patchCustomStatus(["s\(step)": value])
        }
        return order.count
    }
}

/// What the context derives goes into what the code asks for, so that a replay which derives otherwise shows.
struct Deriver: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> String {
        let id = try context.newUUID()
        let number = try context.random(in: 0...1_000_000)
        let _: Int = try await context.call("Double", Job(call: "\(order.tag)/0", value: number))
        try await context.sleep(until: context.currentTime.addingTimeInterval(0.25))
        let _: Int = try await context.call("Double", Job(call: "\(order.tag)/\(id)", value: 1))
        return order.tag
    }
}

struct Immediate: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> String { order.tag }
}

struct Thrower: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        let _: Int = try await context.call("Double", Job(call: "\(order.tag)/0", value: 0))
        throw Failure(type: "Broken", message: order.tag)
    }
}

/// Decides by something outside the context: fails alone, with a diagnosis, once it is replayed and decides otherwise.
struct Fickle: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> String {
        let name = leaks.whim().isMultiple(of: 2) ? "Double" : "Flaky"
        let _: Int? = try? await context.call(name, Job(call: "\(order.tag)/0", value: 0))
        let _: Int = try await context.call("Double", Job(call: "\(order.tag)/1", value: 0))
        return order.tag
    }
}

/// Waits for something that is not durable.
struct Stalled: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        try await Task.sleep(for: .seconds(3600))
        return 0
    }
}

/// A custom status over the limit is an error that the code may catch.
struct Boaster: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> String {
        do {
            try context.setCustomStatus(String(repeating: "x", count: 10_000))
            return "no error"
        } catch let failure as Failure {
            try context.setCustomStatus("modest")
            return failure.type
        }
    }
}

/// An output over the limit fails the orchestration.
struct Glutton: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> String {
        let _: Int = try await context.call("Double", Job(call: "\(order.tag)/0", value: 0))
        return String(repeating: "x", count: 110_000)
    }
}

/// Timers for moments past: they fire in the batch that creates them.
struct Hasty: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        for _ in 0..<order.count { try await context.sleep(for: .zero) }
        return order.count
    }
}

/// Gives workers little time; counts the attempts that took longer.
struct Patient: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        var late = 0
        for step in 0..<order.count {
            do {
                let _: Int = try await context.call(
                    "Double",
                    Job(call: "\(order.tag)/\(step)", value: step),
                    retry: RetryPolicy(maximumAttempts: 1 + step % 2, firstInterval: .milliseconds(100)),
                    scheduleToStart: .seconds(2),
                    startToClose: .seconds(1),
                    heartbeat: step.isMultiple(of: 3) ? .milliseconds(600) : nil
                )
            } catch let failure as ActivityFailed {
                guard Self.timeouts.contains(failure.failure.type) else { throw failure }
                late += 1
            }
        }
        return late
    }

    private static let timeouts: Set = [
        Failure.Kind.scheduleToStart, Failure.Kind.startToClose, Failure.Kind.heartbeat,
    ]
}
