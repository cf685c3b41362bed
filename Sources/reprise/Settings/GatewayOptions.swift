import ArgumentParser
import Configuration
import RepriseClient
import RepriseHosting

/// Which gateway a command asks, for what only a read model knows.
struct GatewayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gateway to ask; http://127.0.0.1:7071 where no broker is set either. [REPRISE_GATEWAY]",
            valueName: "url"
        )
    )
    var gateway: String?

    private static let usual = "http://127.0.0.1:7071"

    /// A gateway of a hub other than the one in the settings refuses to answer. One of another broker cannot know that
    /// it is not meant: settings that name a broker must name the gateway too.
    ///
    /// - Throws: `SettingsError`, or `RepriseError` for an invalid address.
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
                "a broker is set, but not which gateway serves its hub: give --gateway URL, or set REPRISE_GATEWAY "
                    + "(\(Self.usual) is where one listens by default)"
            )
        }
        return try RepriseClient(
            config.string(forKey: "reprise.gateway", default: Self.usual),
            hub: config.string(forKey: "reprise.hub"),
            options: RepriseClient.Options(timeout: .seconds(15))
        )
    }
}
