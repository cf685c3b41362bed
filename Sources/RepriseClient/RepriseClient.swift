import Foundation
// Importing the client also brings in the nouns of its API: orchestrators, ids, statuses, JSON.
@_exported public import Reprise

/// Starts and observes orchestrations from any program, over HTTP.
///
/// ```swift
/// let client = try RepriseClient("http://127.0.0.1:7071")
/// let trip = try await client.start("CityRecommender", 2)
/// for try await status in client.statuses(of: trip) {
///     print(status.runtimeStatus, try status.customStatus(as: Recommendation.self) as Any)
/// }
/// ```
/// It needs the gateway's address and nothing else: no broker, no node. Every call keeps retrying while the gateway or
/// a partition is unavailable, for as long as ``Options/timeout`` says. Every command carries its own idempotency key,
/// so that one whose answer was lost is sent again and takes effect only once. Canceling the task ends a call at once.
public struct RepriseClient: OrchestrationClient {
    /// How long a client keeps trying, and what it sends with every request.
    public struct Options: Sendable {
        /// How long a call keeps trying when no answer comes; for ``statuses(of:)``, only until the first status.
        public var timeout: Duration
        /// How long the gateway may hold a request of ``statuses(of:)`` until there is a change. Keep it below the
        /// limits of any proxy in between.
        public var longestHold: Duration
        /// How often to ask again when a gateway does not hold requests.
        public var pollingInterval: Duration
        /// Sent with every request: for example what a proxy in front of the gateway requires.
        public var headers: [String: String]

        /// Creates options; the defaults suit a gateway without a proxy.
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
    /// - Throws: ``RepriseError`` with the code `address` when it is not such an address.
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

/// The randomness a client uses.
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
