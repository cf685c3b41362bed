import Foundation
// Who imports the client means the nouns that it speaks of too: orchestrators, ids, statuses, JSON.
@_exported public import Reprise

/// Starts orchestrations and looks on, from any program, over HTTP.
///
/// ```swift
/// let client = try RepriseClient("http://127.0.0.1:7071")
/// let trip = try await client.start("CityRecommender", 2)
/// for try await status in client.statuses(of: trip) {
///     print(status.runtimeStatus, try status.customStatus(as: Recommendation.self) as Any)
/// }
/// ```
/// It needs the gateway's address and nothing else: no broker, no node. Every call goes on trying while the gateway or
/// a partition is away, for as long as ``Options/timeout`` says; every command carries an idempotency key of its own, so
/// that one whose answer was lost is sent again and takes effect once. Cancelling the task ends a call at once.
public struct RepriseClient: OrchestrationClient {
    /// How patient a client is, and what it says with every request.
    public struct Options: Sendable {
        /// How long a call goes on trying when no answer comes; ``statuses(of:)`` only until the first.
        public var timeout: Duration
        /// How long the gateway may hold a request of ``statuses(of:)`` until there is news. Proxies in between have
        /// limits of their own; keep it under them.
        public var longestHold: Duration
        /// What is asked again this often where a gateway does not hold requests.
        public var pollingInterval: Duration
        /// Sent with every request: what a proxy in front of the gateway asks for.
        public var headers: [String: String]

        /// Options, of which the defaults suit a gateway without a proxy.
        public init(
            timeout: Duration = .seconds(60),
            longestHold: Duration = .seconds(30),
            pollingInterval: Duration = .milliseconds(500),
            headers: [String: String] = [:]
        ) {
            self.timeout = timeout
            self.longestHold = longestHold
            self.pollingInterval = pollingInterval
            self.headers = headers
        }
    }

    let address: GatewayAddress
    let options: Options
    let transport: any Transport
    let clock: any Clock<Duration>
    let draw: Randomness

    /// - Parameters:
    ///   - address: `http://host:port`, or where a proxy has put the gateway; `https` too.
    ///   - hub: the task hub that the gateway must serve; any when nil.
    /// - Throws: ``RepriseError`` with the code `address` when it is no such address.
    public init(
        _ address: String,
        hub: String? = nil,
        options: Options = Options()
    ) throws(RepriseError) {
        self.init(
            try GatewayAddress(address, hub: hub),
            options: options,
            transport: URLSessionTransport(),
            clock: ContinuousClock(),
            draw: Randomness()
        )
    }

    package init(
        _ address: GatewayAddress,
        options: Options,
        transport: any Transport,
        clock: any Clock<Duration>,
        draw: Randomness
    ) {
        self.address = address
        self.options = options
        self.transport = transport
        self.clock = clock
        self.draw = draw
    }
}

/// What a client draws by lot.
package struct Randomness: Sendable {
    /// An idempotency key, never the same twice.
    package var key: @Sendable () -> String
    /// From 0 to 1: keeps many clients from coming back at the same moment.
    package var fraction: @Sendable () -> Double

    package init(
        key: @escaping @Sendable () -> String = { UUID().uuidString.lowercased() },
        fraction: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        self.key = key
        self.fraction = fraction
    }
}
