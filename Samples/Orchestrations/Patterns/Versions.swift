import Reprise

/// Welcomes a customer. From version 2 on, it asks a day later whether all is well: instances that were started before go on
/// as they began.
struct Welcome: Orchestrator {
    func run(_ context: OrchestrationContext, input customer: String) async throws {
        try await context.call(Notify.self, "Welcome, \(customer)!")
        if context.isVersion(atLeast: "2") {
            try await context.sleep(for: .days(1))
            try await context.call(Notify.self, "Is all well, \(customer)?")
        }
    }
}
