import Reprise

/// What activities need of the outside: they get it when they are made, so a test gives them another.
protocol Carrier: Sendable {
    func hasDelivered(_ delivery: String) async throws -> Bool
    /// - Parameter key: the same key books once, however often it is asked.
    func book(_ parcel: String, key: String) async throws -> String
    func cancel(_ booking: String) async throws
}

/// A carrier that delivers at once, for trying things out.
struct PromptCarrier: Carrier {
    func hasDelivered(_ delivery: String) async throws -> Bool { true }
    func book(_ parcel: String, key: String) async throws -> String { "booking of \(parcel)" }
    func cancel(_ booking: String) async throws {}
}

/// What is asked of a carrier, over one connection to it.
struct CarrierActivities: ActivityContainer {
    let carrier: any Carrier

    var activities: [any Activity] { [IsDelivered(carrier: carrier), BookCarrier(carrier: carrier)] }
}
