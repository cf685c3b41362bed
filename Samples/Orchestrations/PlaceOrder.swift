import Reprise
import Synchronization

/// Takes the payment for an order, in a sub-orchestration of its own, and says how far it is.
///
/// The bank is closed whenever an order asks it for the first time, so that the order fails: rewind it, and only the
/// payment is tried again.
struct PlaceOrder: Orchestrator {
    func run(_ context: OrchestrationContext, input order: String) async throws -> String {
        try context.setCustomStatus("reserving")
        let greeting = try await context.call(SayHello.self, order)
        try context.setCustomStatus("paying")
        let receipt = try await context.callOrchestrator(TakePayment.self, order)
        try context.setCustomStatus("done")
        return "\(greeting) \(receipt)"
    }
}

struct TakePayment: Orchestrator {
    func run(_ context: OrchestrationContext, input order: String) async throws -> String {
        try await context.call(ChargeCard.self, order)
    }
}

/// A bank that has to be asked twice.
struct ChargeCard: Activity {
    private static let asked = Mutex<Set<String>>([])

    func run(_ context: ActivityContext, input order: String) async throws -> String {
        let isOpen = Self.asked.withLock { !$0.insert("\(context.instanceID)").inserted }
        guard isOpen else { throw Failure(type: "BankClosed", message: "the bank is closed") }
        return "Paid."
    }
}
