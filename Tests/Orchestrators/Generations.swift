import Reprise
import RepriseKernel

/// What one generation is given, an ``Order`` at first: how many there have been, and what they have collected.
package struct Stage: Codable, Sendable, Equatable {
    package var tag: String
    package var count: Int
    package var done: Int?
    package var items: [Int]?

    func next(_ items: [Int]? = nil) -> Stage {
        Stage(tag: tag, count: count, done: (done ?? 0) + 1, items: items ?? self.items)
    }
}

/// Many generations, which leave timers and activities behind that no one waits for any more.
struct Treadmill: Lodger {
    static let generationsPerCount = 6
    let leaks: LeakCounter

    func live(_ context: OrchestrationContext, _ stage: Stage) async throws -> Int {
        let done = stage.done ?? 0
        if done == 0 { try context.setCustomStatus("walking") }
        if done % 4 == 1 {
            async let _: Int = context.call("Double", Job(call: "\(stage.tag)/\(done)/left", value: done))
            async let _: Void = context.sleep(for: .seconds(20))
            let _: Int = try await context.call("Double", Job(call: "\(stage.tag)/\(done)", value: done))
        }
        if done % 5 == 2 { try await context.sleep(for: .milliseconds(200)) }
        guard done < stage.count * Self.generationsPerCount else { return done }
        try context.continueAsNew(stage.next())
    }
}

/// Takes events through its generations: each comes once, to whichever is there.
struct Postman: Lodger {
    static let itemsPerCount = 2
    let leaks: LeakCounter

    func live(_ context: OrchestrationContext, _ stage: Stage) async throws -> [Int] {
        var items = stage.items ?? []
        let wanted = stage.count * Self.itemsPerCount
        for _ in 0...(items.count % 2) where items.count < wanted {
            items.append(try await context.waitForEvent("Item"))
        }
        if items.count == wanted { return items }
        try context.continueAsNew(stage.next(items))
    }
}

extension TestOrchestrators {
    /// How many generations a start with this count has, the first aside.
    package static func generations(_ count: Int) -> Int { count * Treadmill.generationsPerCount }
    /// How many events a start with this count takes.
    package static func letters(_ count: Int) -> Int { count * Postman.itemsPerCount }

    static func generations(_ leaks: LeakCounter) -> [RegisteredOrchestrator] {
        [RegisteredOrchestrator(Treadmill(leaks: leaks)), RegisteredOrchestrator(Postman(leaks: leaks))]
    }
}
