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
            Durable Functions' HTTP API under /runtime/webhooks/durabletask/, and a web page
            at /. It waits for a broker or hub that is not there yet. Ctrl-C or SIGTERM
            stops it cleanly; killed, it loses nothing that the nodes do not have. With
            --read-only it shows everything, and answers 403 to all but GET requests.

            EXAMPLES
              reprise gateway
              reprise gateway --port 8080 --data /var/lib/reprise
            """
    )

    @Option(help: ArgumentHelp("The port to listen on; 0 picks a free one.", valueName: "port"))
    var port = 7071

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Flag(
        help: "Listen on an address that other machines can reach. There is no authentication: put a proxy in front."
    )
    var allowRemote = false

    @Flag(help: "Let the links follow X-Forwarded-Host and X-Forwarded-Proto: for a gateway behind a proxy of yours.")
    var behindProxy = false

    @Option(help: ArgumentHelp("The directory of the read model. [REPRISE_DATA]", valueName: "directory"))
    var data: String?

    @Flag(help: "Show instances, and accept no commands. [REPRISE_HTTP_READ_ONLY=on]")
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
