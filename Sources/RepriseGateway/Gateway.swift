import Foundation
public import Logging
import RepriseBroker
import RepriseHTTP
import RepriseHosting
import RepriseKernel
import RepriseStatus
public import ServiceLifecycle
import UnixSignals

/// A gateway for a hub, as one library call in your own program:
///
/// ```swift
/// @main struct Main {
///     static func main() async {
///         await Gateway(configuration: .fromEnvironment()).runUntilSignalled()
///     }
/// }
/// ```
///
/// It serves Durable Functions' HTTP API under `/runtime/webhooks/durabletask/` and a web page at `/`, from a read
/// model that it keeps by following the hub's status messages. When the broker or the hub is not there yet, it waits
/// and logs why. Killed at any point, it loses nothing that the nodes do not have: after a restart, its read model
/// continues from where it was.
///
/// ```
///  broker ──► StatusSubscription ──► StatusProjector ──► StatusModel ◄── HTTP ◄── clients
///  broker ◄── BrokerHubClient ◄───────────┴────────────────────────────── ┘
/// ```
/// A problem with the settings ends the process within a second, with one sentence on stderr and an exit code, as with
/// a node: 64 for a setting that cannot be used, 78 for settings that do not match the hub or the read model in the
/// data directory, 1 for anything else, such as a port that another process uses.
public struct Gateway: Service {
    private let configuration: GatewayConfiguration
    private let middleware: [any GatewayMiddleware]
    private let logger: Logger
    private let onReady: @Sendable (_ address: String) -> Void

    /// A gateway that has not started: run it as a service, and cancel the task or send a signal to stop it.
    ///
    /// - Parameter middleware: what each request goes through before the gateway sees it, the first outermost. It may answer in
    ///   the gateway's place, or throw one of Hummingbird's errors.
    public init(
        configuration: GatewayConfiguration,
        middleware: [any GatewayMiddleware] = [],
        logger: Logger = Logger(label: "reprise.gateway")
    ) {
        self.init(configuration: configuration, middleware: middleware, logger: logger) { address in
            logger.notice("gateway ready: \(address) serves hub '\(configuration.hub)'; reprise \(Release.version)")
        }
    }

    /// - Parameter onReady: called with the gateway's URL once it accepts requests.
    package init(
        configuration: GatewayConfiguration,
        middleware: [any GatewayMiddleware] = [],
        logger: Logger,
        onReady: @escaping @Sendable (_ address: String) -> Void
    ) {
        self.configuration = configuration
        self.middleware = middleware
        self.logger = logger
        self.onReady = onReady
    }

    /// Runs until SIGTERM or SIGINT, or until its task is canceled.
    ///
    /// Throws nothing, since an error that leaves `main` is a trap: a gateway that cannot continue says why on stderr
    /// and ends the process with an exit code.
    public func runUntilSignalled() async {
        let group = ServiceGroup(services: [self], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        do {
            try await group.run()
        } catch is CancellationError {
            // As it was told to.
        } catch {
            ProcessFailure(error, of: "the gateway").endProcess()
        }
    }

    /// Runs as a service of your own ServiceGroup, beside a `Node` for instance. Raises the process's open-file limit
    /// to what its connections need, as far as the machine allows.
    ///
    /// - Throws: an error that describes itself in a sentence when a setting cannot be used, another process uses the
    ///   port or the read model, or the hub exists with other settings.
    public func run() async throws {
        QuickDeath.prepare()
        try configuration.check()
        if let remark = configuration.remark { logger.warning("\(remark)") }
        let hub = try HubName(configuration.hub)
        let endpoint = try BrokerEndpoint(
            url: configuration.amqpURL,
            name: "reprise-\(ProcessInfo.processInfo.processIdentifier)"
        )
        if !Loopback.contains(configuration.host) {
            logger.warning(
                "Listening on \(configuration.host): anyone who reaches it may do anything, without authentication"
            )
        }
        let address = ListeningAddress(host: configuration.host, port: configuration.port)
        // While the person who starts it is watching, and before the broker is contacted.
        try address.check()
        let lock = try DirectoryLock(configuration.dataDirectory, of: .gateway)
        defer { lock.release() }
        var http = HTTPConfiguration(host: configuration.host, port: configuration.port)
        http.followsForwardedHost = configuration.followsForwardedHost
        http.isReadOnly = configuration.isReadOnly
        // Streams stay open for as long as someone is watching; the model and the broker need some too.
        OpenFiles.allow(http.maximumConnections + 200)
        do {
            try await serve(http, hub, endpoint)
        } catch {
            throw address.failure(error) ?? StatusModelError.failure(error) ?? error
        }
        logger.notice("gateway stopped")
    }

    private func serve(_ http: HTTPConfiguration, _ hub: HubName, _ endpoint: BrokerEndpoint) async throws {
        // A gateway may be there before the first node.
        func passes(_ error: HubError) -> Bool { error.isRetriable || error.code == .noSuchHub }
        let found = try await untilThere("Waiting", logger: logger, passes: passes) {
            try await HubTopology.partitionCount(of: hub, at: endpoint)
        }
        guard let partitionCount = found else { return }
        let model = try StatusModel(directory: configuration.dataDirectory, hub: hub, partitionCount: partitionCount)
        let client = BrokerHubClient(endpoint: endpoint, hub: hub, partitionCount: partitionCount, logger: logger)
        let projector = StatusProjector(model: model, client: client, logger: logger)
        let subscription = try StatusSubscription(
            endpoint: endpoint,
            hub: hub,
            gateway: model.gateway,
            sink: projector,
            logger: logger
        )
        let observer = ClusterObserver(endpoint: endpoint, hub: hub, partitionCount: partitionCount, logger: logger)
        let application = makeApplication(
            configuration: http,
            client: client,
            model: model,
            cluster: observer,
            deadLetters: DeadLetters(endpoint: endpoint, hub: hub),
            middleware: middleware,
            logger: logger,
            onServerRunning: { [host = http.host, onReady] port in
                onReady("http://\(host.contains(":") ? "[\(host)]" : host):\(port)/")
            }
        )
        // Shut down from the last to the first: what answers stops before what it depends on.
        try await ServiceGroup(services: [client, projector, subscription, observer, application], logger: logger).run()
    }
}

extension StatusModelError {
    /// As the failure that ends the process; nil for any other error.
    static func failure(_ error: any Error) -> ProcessFailure? {
        guard let error = error as? StatusModelError else { return nil }
        let code =
            switch error.code {
            case .unreachable: ProcessFailure.usage
            case .otherHub, .foreign, .newer: ProcessFailure.configuration
            case .damaged: ProcessFailure.otherwise
            }
        return ProcessFailure(code, error.description)
    }
}
