import ArgumentParser
import Configuration
import Foundation
import Logging
import RepriseBroker
import RepriseHTTP
import RepriseJournal
import RepriseNode
import RepriseStatus
import ServiceLifecycle
import UnixSignals

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
        guard (0...65_535).contains(port) else { throw ValidationError("a port is a number from 0 to 65535") }
        guard allowRemote || Loopback.contains(host) else {
            throw ValidationError(
                "\(host) can be reached from other machines, and there is no authentication yet: "
                    + "listen on 127.0.0.1, or say --allow-remote"
            )
        }
    }

    func run() async throws {
        QuickDeath.prepare()
        let access = try await hub.access(logging: .info, data: data)
        let logger = Logger(label: "reprise.gateway")
        if !Loopback.contains(host) {
            logger.warning(
                "Listening on \(host): whoever reaches it may do everything, since there is no authentication yet"
            )
        }
        let address = ListeningAddress(host: host, port: port)
        try address.check()
        let lock = try ReadModelLock(directory: access.dataDirectory)
        defer { lock.release() }
        var configuration = HTTPConfiguration(host: host, port: port)
        configuration.followsForwardedHost = behindProxy
        configuration.isReadOnly = try await isReadOnly
        // Streams are open for as long as somebody looks on; the model and the broker need some too.
        OpenFiles.allow(configuration.maximumConnections + 200)
        let gateway = GatewayService(configuration: configuration, access: access, logger: logger)
        do {
            try await ServiceGroup(
                services: [gateway],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            ).run()
        } catch {
            throw CommandFailure(error) ?? unexpected(error, address)
        }
        logger.notice("gateway stopped")
    }

    private var isReadOnly: Bool {
        get async throws(SettingsError) {
            if readOnly { return true }
            // What there is to remark was said with the settings of the hub.
            let config = try await HubSettings.reader { _ in }
            return try HubSettings.flag("reprise.http.readOnly", default: false, config)
        }
    }

    private func unexpected(_ error: any Error, _ address: ListeningAddress) -> CommandFailure {
        let text = "\(error)"
        // Somebody took the port in the meantime.
        for code in [EADDRINUSE, EACCES, EADDRNOTAVAIL]
        where text.hasPrefix("bind(") && text.contains("(errno: \(code))") {
            return address.failure(code)
        }
        return CommandFailure(.failed, "the gateway cannot go on: \(text)")
    }
}
