import Reprise

/// Looks every hour whether a delivery has arrived, for two weeks at most.
struct WatchDelivery: Orchestrator {
    func run(_ context: OrchestrationContext, input delivery: String) async throws -> Bool {
        for _ in 0..<(14 * 24) {
            if try await context.call(IsDelivered.self, delivery) { return true }
            try await context.sleep(for: .hours(1))
        }
        return false
    }
}

/// Asks the carrier.
struct IsDelivered: Activity {
    let carrier: any Carrier

    func run(_ context: ActivityContext, input delivery: String) async throws -> Bool {
        try await carrier.hasDelivered(delivery)
    }
}
