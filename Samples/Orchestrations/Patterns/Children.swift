import Reprise

/// Sends each parcel of an order in a sub-orchestration of its own, all at once, and says how many are sent.
struct ShipOrder: Orchestrator {
    struct Status: Codable {
        var sent: Int
        var total: Int
    }

    func run(_ context: OrchestrationContext, input parcels: [String]) async throws -> [String] {
        var status = Status(sent: 0, total: parcels.count)
        var bookings = parcels
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for (index, parcel) in parcels.enumerated() {
                let id = "\(context.instanceID)-parcel-\(index + 1)"
                group.addTask {
                    (index, try await context.callOrchestrator(ShipParcel.self, parcel, id: id, parentClose: .cancel))
                }
            }
            for try await (index, booking) in group {
                bookings[index] = booking
                status.sent += 1
                try setStatus(status, in: context)
            }
        }
        return bookings
    }
}

struct ShipParcel: Orchestrator {
    func run(_ context: OrchestrationContext, input parcel: String) async throws -> String {
        try await context.call(BookCarrier.self, parcel)
    }
}
