import Reprise
package import RepriseKernel

/// Waits for what never comes and, when it is canceled, notes in an entity that it has cleaned up.
struct Penitent: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        do {
            let _: Int = try await context.call("Double", Job(call: "\(order.tag)/0", value: 1))
            return try await context.waitForEvent("Pardon")
        } catch is CancellationError where context.isCancellationRequested {
            try await context.sleep(for: .milliseconds(300))
            let _: Int = try await context.callEntity(TestOrchestrators.cleanUps(of: order.tag), "add", 1)
            throw CancellationError()
        }
    }
}

/// Its child is to clean up when nobody waits for it any more.
struct Matron: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        try await context.callOrchestrator(Penitent.self, order.part("ward"), parentClose: .cancel)
    }
}

/// Goes on waiting when it is canceled, until its grace period is over.
struct Defiant: Lodger {
    static let gracePeriod = Duration.seconds(5)
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        while true {
            do { return try await context.waitForEvent("Pardon") } catch is CancellationError {
                guard context.isCancellationRequested else { throw CancellationError() }
            }
        }
    }
}

extension TestOrchestrators {
    /// The entity that counts how often the start with this tag has cleaned up.
    package static func cleanUps(of tag: String) throws -> EntityID {
        try EntityID("Tally", Order(tag: tag).part("undone").key)
    }

    static func cancelable(_ leaks: LeakCounter) -> [RegisteredOrchestrator] {
        [
            RegisteredOrchestrator(Penitent(leaks: leaks)), RegisteredOrchestrator(Defiant(leaks: leaks)),
            RegisteredOrchestrator(Matron(leaks: leaks)),
        ]
    }
}
