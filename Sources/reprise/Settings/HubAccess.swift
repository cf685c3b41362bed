import Logging
import RepriseBroker
import RepriseKernel

/// A hub that the settings point at: how a command reaches it.
struct HubAccess: Sendable {
    let endpoint: BrokerEndpoint
    let hub: HubName
    let dataDirectory: String
    let logger: Logger

    /// Runs `body` with a client that is connected, or connects itself again.
    ///
    /// - Throws: `HubError` (`.noSuchHub`, `.broker`), or what `body` throws.
    func withClient<Result: Sendable>(
        deadline: Duration = .seconds(10),
        _ body: @escaping @Sendable (BrokerHubClient) async throws -> Result
    ) async throws -> Result {
        let client = try await BrokerHubClient.connect(to: endpoint, hub: hub, logger: logger, deadline: deadline)
        return try await client.whileRunning(body)
    }

    /// Sends one command behind everything that was published before it, and waits for the partition's word.
    ///
    /// - Returns: the instance that the answer names, another one after a restart.
    @discardableResult
    func send(_ action: Command.Action, to instance: InstanceID) async throws -> InstanceID {
        let command = Command(instance: instance, action: action, isInteractive: true)
        return try await withClient { client in try await client.send(command, ordered: true).requireAcceptance() }
    }
}
