import Logging
import RepriseBroker
import RepriseKernel

/// The hub that the settings name, and how a command reaches it.
struct HubAccess: Sendable {
    let endpoint: BrokerEndpoint
    let hub: HubName
    let dataDirectory: String
    let logger: Logger

    /// Runs `body` with a client that is connected, and that reconnects by itself.
    ///
    /// - Throws: `HubError` (`.noSuchHub`, `.broker`), or what `body` throws.
    func withClient<Result: Sendable>(
        deadline: Duration = .seconds(10),
        _ body: @escaping @Sendable (BrokerHubClient) async throws -> Result
    ) async throws -> Result {
        let client = try await BrokerHubClient.connect(to: endpoint, hub: hub, logger: logger, deadline: deadline)
        return try await client.whileRunning(body)
    }

    /// Sends one command after everything that was published before it, and waits for the partition's answer.
    ///
    /// - Returns: the instance that the answer names, another one after a restart.
    @discardableResult
    func send(_ action: Command.Action, to instance: InstanceID) async throws -> InstanceID {
        try await answer(to: action, for: instance).requireAcceptance()
    }

    /// As ``send(_:to:)``, with all that the partition answers.
    func answer(to action: Command.Action, for instance: InstanceID) async throws -> Answer {
        let command = Command(instance: instance, action: action, isInteractive: true)
        return try await withClient { client in try await client.send(command, ordered: true) }
    }
}
