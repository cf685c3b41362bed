import ArgumentParser
import Configuration
import RepriseClient
import RepriseHosting

/// Which gateway a command asks: for what only a read model can tell.
struct GatewayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gateway to ask; http://127.0.0.1:7071 where no broker is set either. [REPRISE_GATEWAY]",
            valueName: "url"
        )
    )
    var gateway: String?

    private static let usual = "http://127.0.0.1:7071"

    /// A gateway of another hub than the settings name refuses to answer. One of another broker cannot know that it is
    /// not meant: where the settings name a broker, they name the gateway too.
    ///
    /// - Throws: `SettingsError`, or `RepriseError` for what is no address.
    func client(hub: String?, amqpURL: String? = nil) async throws -> RepriseClient {
        var flags: [String: String] = [:]
        flags["reprise.amqp.url"] = amqpURL
        flags["reprise.gateway"] = gateway
        flags["reprise.hub"] = hub
        let config = try await HubSettings.reader(flags: flags) { Output.note("warning: \($0)") }
        if config.string(forKey: "reprise.gateway") == nil,
            config.string(forKey: "reprise.amqp.url", isSecret: true) != nil
        {
            throw SettingsError(
                "a broker is set, and not which gateway serves its hub: say --gateway URL, or set REPRISE_GATEWAY "
                    + "(\(Self.usual) is where one listens unless told otherwise)"
            )
        }
        return try RepriseClient(
            config.string(forKey: "reprise.gateway", default: Self.usual),
            hub: config.string(forKey: "reprise.hub"),
            options: RepriseClient.Options(timeout: .seconds(15))
        )
    }
}
