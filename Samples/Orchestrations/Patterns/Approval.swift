import Reprise

/// Waits for someone's decision, but no longer than three days.
struct ApprovePurchase: Orchestrator {
    struct Status: Codable {
        var stage: String
    }

    static let events: [any ExternalEvent.Type] = [Approval.self]

    func run(_ context: OrchestrationContext, input purchase: String) async throws -> String {
        try await context.call(Notify.self, "Please approve \(purchase): \(context.instanceID)")
        try setStatus(Status(stage: "waiting for approval"), in: context)
        do {
            let approval = try await context.wait(for: Approval.self, timeout: .days(3))
            return approval.isGranted ? "approved by \(approval.by)" : "declined by \(approval.by)"
        } catch is EventTimeout {
            return "nobody answered"
        }
    }
}

/// What the approver says.
struct Approval: ExternalEvent {
    var by: String
    var isGranted: Bool
}

/// Tells people something.
struct Notify: Activity {
    func run(_ context: ActivityContext, input message: String) async throws {
        print(message)
    }
}
