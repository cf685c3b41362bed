import Logging
import RepriseBroker
import RepriseHTTP
import RepriseKernel
import RepriseStatus
import ServiceLifecycle

/// The gateway as one service: it waits for the hub, then runs what belongs together.
///
/// ```
///  broker ──► StatusSubscription ──► StatusProjector ──► StatusModel ◄── HTTP ◄── clients
///  broker ◄── BrokerHubClient ◄───────────┴────────────────────────────── ┘
/// ```
struct GatewayService: Service {
    let configuration: HTTPConfiguration
    let access: HubAccess
    let logger: Logger

    func run() async throws {
        guard let partitionCount = try await findHub() else { return }
        let model = try StatusModel(
            directory: access.dataDirectory,
            hub: access.hub,
            partitionCount: partitionCount
        )
        let client = BrokerHubClient(
            endpoint: access.endpoint,
            hub: access.hub,
            partitionCount: partitionCount,
            logger: logger
        )
        let projector = StatusProjector(model: model, client: client, logger: logger)
        let subscription = try StatusSubscription(
            endpoint: access.endpoint,
            hub: access.hub,
            gateway: model.gateway,
            sink: projector,
            logger: logger
        )
        let observer = ClusterObserver(
            endpoint: access.endpoint,
            hub: access.hub,
            partitionCount: partitionCount,
            logger: logger
        )
        let application = makeApplication(
            configuration: configuration,
            client: client,
            model: model,
            cluster: observer,
            logger: logger,
            onServerRunning: { [host = configuration.host, access] port in
                let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
                Output.line("gateway ready: http://\(place)/ serves hub '\(access.hub)' (reprise \(Release.version))")
            }
        )
        // Shut down from the last to the first: what answers goes before what it asks.
        try await ServiceGroup(services: [client, projector, subscription, observer, application], logger: logger).run()
    }

    /// The hub's partition count, however long the broker and the first node take; nil when we are to stop.
    private func findHub() async throws -> Int? {
        var pause = Duration.milliseconds(250)
        let outage = Outage()
        while !Task.isShuttingDownGracefully {
            let problem: HubError
            do {
                return try await cancelWhenGracefulShutdown { [access] in
                    try await HubTopology.partitionCount(of: access.hub, at: access.endpoint)
                }
            } catch let error as HubError {
                problem = error
            }
            guard !Task.isShuttingDownGracefully else { break }
            guard problem.isRetriable || problem.code == .noSuchHub else { throw problem }
            logger.log(level: outage.note(problem) ? .warning : .debug, "Waiting: \(problem.message); trying again")
            try? await cancelWhenGracefulShutdown { [pause] in try await ContinuousClock().sleep(for: pause) }
            try Task.checkCancellation()
            pause = min(pause * 2, .seconds(5))
        }
        return nil
    }
}
