import ArgumentParser
import Logging
import RepriseGateway
import RepriseHosting
import RepriseKernel

struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Serve the hub over HTTP, with a read model of its instances.",
        discussion: """
            Durable Functions' HTTP API under /runtime/webhooks/durabletask/, and a page
            for people at /. When broker or hub are not there yet it waits for them.
            Ctrl-C or SIGTERM stops it in order; killed, it loses nothing that the nodes
            do not have. With --read-only it shows everything, and whatever is no GET is
            answered 403.

            EXAMPLES
              reprise gateway
              reprise gateway --port 8080 --data /var/lib/reprise
            """
    )

    @Option(help: ArgumentHelp("Where to listen; 0 takes a free one.", valueName: "port"))
    var port = 7071

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Flag(
        help: "Listen on an address that other machines reach. There is no authentication yet: put a proxy before it."
    )
    var allowRemote = false

    @Flag(help: "Let the links follow X-Forwarded-Host and X-Forwarded-Proto: for a gateway behind a proxy of yours.")
    var behindProxy = false

    @Option(help: ArgumentHelp("Where the read model lies. [REPRISE_DATA]", valueName: "directory"))
    var data: String?

    @Flag(help: "Show instances, and take no commands. [REPRISE_HTTP_READ_ONLY=on]")
    var readOnly = false

    @OptionGroup var hub: HubOptions

    func validate() throws {
        do {
            try configuration(GatewayConfiguration()).check()
        } catch {
            throw ValidationError(error.message)
        }
    }

    func run() async throws {
        let config = try await hub.settings(data: data)
        try hub.startLogging(config, otherwise: .info)
        let configuration = configuration(try GatewayConfiguration(config))
        let gateway = Gateway(configuration: configuration, logger: Logger(label: "reprise.gateway")) { address in
            Output.line("gateway ready: \(address) serves hub '\(configuration.hub)' (reprise \(Release.version))")
        }
        await gateway.runUntilSignalled()
    }

    private func configuration(_ settings: GatewayConfiguration) -> GatewayConfiguration {
        var configuration = settings
        configuration.host = host
        configuration.port = port
        configuration.allowsRemote = allowRemote
        configuration.followsForwardedHost = behindProxy
        configuration.isReadOnly = settings.isReadOnly || readOnly
        return configuration
    }
}
