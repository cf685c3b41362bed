import ArgumentParser
import Configuration
import RepriseClient
import RepriseNode

/// Which gateway a command asks: for what only a read model can tell.
struct GatewayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gateway to ask; http://127.0.0.1:7071 without it. [REPRISE_GATEWAY]",
            valueName: "url"
        )
    )
    var gateway: String?

    /// A gateway of another hub than the settings name refuses to answer.
    ///
    /// - Throws: `SettingsError`, or `RepriseClientError` for what is no address.
    func client(hub: String?) async throws -> RepriseClient {
        var flags: [String: String] = [:]
        flags["reprise.gateway"] = gateway
        flags["reprise.hub"] = hub
        let config = try await HubSettings.reader(flags: flags)
        return try RepriseClient(
            config.string(forKey: "reprise.gateway", default: "http://127.0.0.1:7071"),
            hub: config.string(forKey: "reprise.hub"),
            options: RepriseClient.Options(timeout: .seconds(15))
        )
    }
}
