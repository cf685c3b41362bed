import Foundation
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import RepriseEngine
import RepriseKernel
package import RepriseStatus

/// What every route uses: the hub's partitions, the read model, and the sources of time and ids.
package struct Gateway: Sendable {
    let configuration: HTTPConfiguration
    let client: any HubClient
    let model: StatusModel
    /// The source of node information; nil when there is none.
    let source: (any ClusterSource)?
    /// The hub's dead letters; nil without access to them.
    let letters: (any DeadLetterSource)?
    let letterGate = AdmissionGate(limit: 4)
    let logger: Logger
    /// What was just changed through this gateway, so that clients read their own writes.
    let recent = ReadYourWrites()
    /// The cached parts of the overview.
    let overviewCache = OverviewCache()
    /// Thirty-two hexadecimal digits, never the same twice.
    var makeID: @Sendable () -> String = {
        UUID().uuidString.lowercased().filter { $0 != "-" }
    }
    var clock: any Clock<Duration> = ContinuousClock()
    var now: @Sendable () -> Timestamp = {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    package init(
        configuration: HTTPConfiguration,
        client: any HubClient,
        model: StatusModel,
        cluster source: (any ClusterSource)? = nil,
        deadLetters letters: (any DeadLetterSource)? = nil,
        logger: Logger
    ) {
        self.source = source
        self.letters = letters
        self.configuration = configuration
        self.client = client
        self.model = model
        self.logger = logger
    }
}

/// The HTTP facade: Durable Functions' own API, and a web page.
///
/// - Parameters:
///   - middleware: what each request goes through first, in this order.
///   - onServerRunning: called with the port once requests are accepted: the way to learn it when port 0 was requested.
package func makeApplication(
    configuration: HTTPConfiguration,
    client: any HubClient,
    model: StatusModel,
    cluster: (any ClusterSource)? = nil,
    deadLetters: (any DeadLetterSource)? = nil,
    middleware: [any GatewayMiddleware] = [],
    logger: Logger,
    onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) -> some ApplicationProtocol {
    let gateway = Gateway(
        configuration: configuration,
        client: client,
        model: model,
        cluster: cluster,
        deadLetters: deadLetters,
        logger: logger
    )
    let limits = ConnectionGuard.Limits(
        maximumBody: configuration.maximumBody,
        bodyTimeout: TimeAmount(configuration.bodyTimeout)
    )
    return Application(
        responder: MountedResponder(middleware, GatewayResponder(gateway: gateway)),
        server: .http1(
            configuration: .init(
                additionalChannelHandlers: [ConnectionGuard(limits)],
                idleTimeout: TimeAmount(configuration.idleTimeout)
            )
        ),
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections, logger: logger)
        ),
        onServerRunning: { await onServerRunning($0.localAddress?.port ?? configuration.port) },
        logger: logger
    )
}
