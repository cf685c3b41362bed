import RepriseTestSupport

@testable import RepriseBroker

/// A broker that a test may kill and wipe, because no one else uses it.
enum OwnBroker {
    /// Starts one, runs `body`, and wipes it.
    static func with(_ suffix: String, _ body: (BrokerScript, BrokerEndpoint) async throws -> Void) async throws {
        let broker = try BrokerScript.own(suffix)
        let url = try await broker.start()
        do {
            try await body(broker, try BrokerEndpoint(url: url, name: "test"))
        } catch {
            try await broker.wipe()
            throw error
        }
        try await broker.wipe()
    }
}
