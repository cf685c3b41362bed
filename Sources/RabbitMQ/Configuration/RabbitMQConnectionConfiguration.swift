/// How to reach a broker, or any one of a cluster's, and the limits within which one connection works.
///
/// Of several brokers, and of several addresses of a host, all connections with copies of one configuration go to the same
/// one for as long as it serves them. Which one that is each process draws for itself.
public struct RabbitMQConnectionConfiguration: Sendable {
    /// A broker by where it listens.
    public struct Broker: Sendable, Hashable {
        /// A name or an address.
        public var host: String
        /// 5672, with TLS 5671, unless given.
        public var port: Int

        /// A broker.
        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// The broker's host: a name or an address.
    public var host: String
    /// Instead of those that the host's name stands for: for tests.
    var addresses: [String]?
    /// The broker's port: 5672, with TLS 5671, unless given.
    public var port: Int
    /// More brokers of the same cluster, which any connection may go to instead.
    public var others: [Broker] = []
    /// Shared by all copies.
    private(set) var choice = BrokerChoice()
    /// Who logs in.
    public var username: String
    /// The password of that user; in no error and no log.
    public var password: String
    /// The virtual host, `/` unless given.
    public var virtualHost: String
    /// `nil` for a plain connection.
    public var tls: TLS?
    /// What this side proposes; the smaller of both sides' proposals counts, in whole seconds. A broker is declared
    /// lost after two of them without a byte. Zero turns heartbeats off.
    public var heartbeat: Duration = .seconds(5)
    /// For TCP over all brokers and their addresses, and for each login. With TLS the addresses are tried one after the
    /// other, and each has the time that is left for it when they share this one: a third of it for the first of three,
    /// and all of it for the last. The resolution of the hosts' names is bounded by the system's resolver only.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a call which needs the broker's answer waits for it.
    public var rpcTimeout: Duration = .seconds(10)
    /// The `connection_name` that the broker shows to its operators.
    public var name: String = "swift"
    /// The largest frame, in bytes: at least 4,096, never more than 131,072, which bounds the recursion that a hostile
    /// header can cause.
    public var frameMax: Int = Self.largestFrame
    /// Larger incoming bodies are dropped while they are being read, never buffered; larger outgoing ones are refused.
    public var maximumBodySize: Int = 1_048_576
    /// What a channel may have unconfirmed at once. Further publications wait in the channel's queue.
    public var publishWindow = PublishLimit(messages: 512, bytes: 2 * 1_048_576)
    /// What may wait in a channel's queue. Publications beyond it settle at once as undecided: `.blocked` while the
    /// broker blocks the connection, else `.overloaded`.
    public var publishQueue = PublishLimit(messages: 65_536, bytes: 64 * 1_048_576)

    /// How long a publication may take to be sent and confirmed. Then it settles as undecided (`.unconfirmed`, or `.unsent`)
    /// and gives its place in the window to the next: a queue that confirms nothing holds up the others no longer than that.
    /// Does not run while the broker blocks the connection.
    public var confirmTimeout: Duration = .seconds(30)

    /// Messages and bytes, whichever is reached first. One message always passes, whatever its size.
    public struct PublishLimit: Sendable, Equatable {
        /// How many messages at most.
        public var messages: Int
        /// How many bytes of bodies at most.
        public var bytes: Int

        /// A limit of both.
        public init(messages: Int, bytes: Int) {
            self.messages = messages
            self.bytes = bytes
        }
    }

    /// Whom to trust, and how to prove who we are. TLS is 1.2 or newer.
    public struct TLS: Sendable, Equatable {
        /// A PEM file with the authorities to trust; the system's when `nil`.
        public var caCertificateFile: String?
        /// A PEM file with the client's own certificate chain, if the broker wants one.
        public var certificateFile: String?
        /// The PEM file with the key of `certificateFile`.
        public var keyFile: String?
        /// Whether to check the broker's certificate and that it names the host. The check is by DNS name: a host
        /// given as an IP address does not pass it.
        public var verifiesPeer = true

        /// TLS with the system's authorities unless others are given. The files are read when the connection opens.
        public init(caCertificateFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
            self.caCertificateFile = caCertificateFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    static let largestFrame = 131_072
    static let smallestFrame = 4_096

    /// A configuration for one broker; the other settings have defaults, to be changed afterwards.
    public init(
        host: String = "localhost",
        port: Int? = nil,
        username: String = "guest",
        password: String = "guest",
        virtualHost: String = "/",
        tls: TLS? = nil
    ) {
        self.host = host
        self.port = port ?? (tls == nil ? 5672 : 5671)
        self.username = username
        self.password = password
        self.virtualHost = virtualHost
        self.tls = tls
    }

    /// Reads `amqp://user:password@host:port/vhost?heartbeat=5` and `amqps://…`.
    ///
    /// Every part may be percent-encoded; a missing path means the virtual host `/`. The query knows `heartbeat`
    /// (seconds), `connection_timeout` (milliseconds, as RabbitMQ's URI specification has it), `cacertfile`, `certfile`, `keyfile`, and `verify` (`verify_peer` or
    /// `verify_none`); the last four are for `amqps` only.
    ///
    /// Several URLs, with commas between, are the brokers of one cluster: they may differ in host and port only.
    ///
    /// - Throws: `.invalidURL`, with a message that never repeats the URL, because it holds a password.
    public init(url: String) throws(RabbitMQError) {
        self = try AMQPURL.configuration(ofList: url)
    }

    /// Throws `.invalidArgument` when the connection could not be opened with these values.
    package func validate() throws(RabbitMQError) {
        func require(_ condition: Bool, _ message: String) throws(RabbitMQError) {
            if !condition { throw RabbitMQError(.invalidArgument, message) }
        }
        for broker in brokers {
            try require(!broker.host.isEmpty, "The host is empty.")
            try require(!broker.host.contains(","), "The host contains a comma: name one host.")
            try require((1...65_535).contains(broker.port), "The port \(broker.port) is not between 1 and 65535.")
            try require(!broker.host.utf8.contains(0), "The host contains a zero byte.")
        }
        for (what, value) in [("user name", username), ("password", password), ("virtual host", virtualHost)] {
            try require(!value.utf8.contains(0), "The \(what) contains a zero byte.")
        }
        try require(username.utf8.count <= 255, "The user name is longer than 255 bytes.")
        try require(password.utf8.count <= 1_024, "The password is longer than 1024 bytes.")
        try require(virtualHost.utf8.count <= 255, "The virtual host is longer than 255 bytes.")
        try require(name.utf8.count <= 255, "The connection's name is longer than 255 bytes.")
        try require(
            (Self.smallestFrame...Self.largestFrame).contains(frameMax),
            "frameMax must be between \(Self.smallestFrame) and \(Self.largestFrame) bytes."
        )
        try require(
            heartbeat >= .zero && heartbeat <= .seconds(3_600),
            "The heartbeat must be between 0 and 3600 seconds."
        )
        try require(
            connectTimeout > .zero && rpcTimeout > .zero && confirmTimeout > .zero,
            "The timeouts must be longer than zero."
        )
        try require(maximumBodySize >= 0, "maximumBodySize is negative.")
        for limit in [publishWindow, publishQueue] {
            try require(limit.messages > 0 && limit.bytes > 0, "The publish limits must be larger than zero.")
        }
    }

    /// All brokers that a connection may go to.
    public var brokers: [Broker] { [Broker(host: host, port: port)] + others }

    /// Where connections go, for messages: without user and password.
    var endpoint: String { brokers.map(place).joined(separator: ", ") }

    /// A broker, for messages.
    func place(of broker: Broker) -> String { "\(tls == nil ? "amqp" : "amqps")://\(broker.host):\(broker.port)" }

    /// An address of a broker, for messages.
    func place(of address: BrokerAddress) -> String {
        place(of: address.broker) + (address.isOneOfSeveral ? " (\(address.number))" : "")
    }

    /// Each once, for messages.
    func places(of addresses: [BrokerAddress]) -> String {
        var brokers: [Broker] = []
        for address in addresses where !brokers.contains(address.broker) { brokers.append(address.broker) }
        return brokers.map(place).joined(separator: ", ")
    }
}

/// Holds a password, which no log and no dump shows.
extension RabbitMQConnectionConfiguration: CustomStringConvertible, CustomReflectable {
    public var description: String { endpoint }
    public var customMirror: Mirror { Mirror(self, children: ["endpoint": endpoint]) }
}
