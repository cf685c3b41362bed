package import Logging
import RabbitMQ
package import RepriseEngine
package import RepriseKernel
import ServiceLifecycle
import Synchronization

/// A hub over the broker, for gateways and command lines.
///
/// ```
///  send ──► inbox of the instance's partition ──► node ──► reply queue of this client ──► answer
///    └ ordered ──► command exchange ──► intake ──► inbox …
/// ```
/// `run` keeps it connected; while it is not, requests wait for the connection until their deadline.
package final class BrokerHubClient: HubClient, Service {
    package let hub: HubName
    package let partitionCount: Int

    private let endpoint: BrokerEndpoint
    private let names: HubNames
    private let logger: Logger
    private let deadline: Duration
    private let requests = RequestTable()
    private let outage = Outage()
    private let line = Mutex(Line.connecting(Promise()))

    /// How to reach the hub right now.
    private enum Line {
        case connecting(Promise<Open>)
        case open(Open)
        case stopped
    }

    private struct Open: Sendable {
        var channel: RabbitMQChannel
        var replyQueue: String
    }

    /// - Throws: ``HubError``: `.noSuchHub` when no node has created the hub, `.broker` when the broker does not answer.
    package static func connect(
        to endpoint: BrokerEndpoint,
        hub: HubName,
        logger: Logger,
        deadline: Duration = .seconds(10)
    ) async throws(HubError) -> BrokerHubClient {
        let count = try await HubTopology.partitionCount(of: hub, at: endpoint)
        return BrokerHubClient(endpoint: endpoint, hub: hub, partitionCount: count, logger: logger, deadline: deadline)
    }

    package init(
        endpoint: BrokerEndpoint,
        hub: HubName,
        partitionCount: Int,
        logger: Logger,
        deadline: Duration = .seconds(10)
    ) {
        self.endpoint = endpoint
        self.hub = hub
        self.names = HubNames(hub)
        self.partitionCount = partitionCount
        self.logger = logger
        self.deadline = deadline
    }

    // MARK: Connection

    package func run() async throws {
        let connection = Reconnecting(
            endpoint: endpoint,
            purpose: "requests to '\(hub)'",
            logger: logger,
            outage: outage
        )
        try await cancelWhenGracefulShutdown {
            try await connection.run { live in try await self.serve(live) }
        }
        line.withLock { $0 = .stopped }
        requests.failAll(HubUnavailable("this client has stopped"))
    }

    /// Runs `body` with a connected client, and stops the client afterwards.
    package func whileRunning<Result: Sendable>(
        _ body: @Sendable @escaping (BrokerHubClient) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await self.run()
                return nil
            }
            group.addTask { try await body(self) }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func serve(_ live: LiveConnection) async throws {
        let consumer = try await Consumer.open(
            on: live.connection,
            take: { [requests] deliveries in
                for delivery in deliveries { requests.receive(ReceivedMessage(delivery)) }
            }
        )
        let queue = names.reply(RandomID.make())
        try await consumer.channel.declareQueue(queue, durable: false, exclusive: true, autoDelete: true)
        try await consumer.consume(queue, exclusive: true, noAck: true)
        let line = Open(channel: consumer.channel, replyQueue: queue)
        open(line)
        defer { close(line) }
        try await consumer.run()
    }

    /// A caller that finds the line dead drops it: the notice of its end may still be on its way.
    private func drop(_ dead: Open) {
        line.withLock { line in
            if case .open(let open) = line, open.channel === dead.channel { line = .connecting(Promise()) }
        }
    }

    private func open(_ open: Open) {
        let waiting: Promise<Open>? = line.withLock { line in
            defer { line = .open(open) }
            return if case .connecting(let waiting) = line { waiting } else { nil }
        }
        waiting?.set(open)
    }

    private func close(_ open: Open) {
        drop(open)
        requests.failAll(lost)
    }

    /// The outcome of the request is unknown.
    private var lost: HubUnavailable {
        HubUnavailable("the connection to the broker at \(endpoint.place) was lost before the answer came")
    }

    // MARK: Requests

    package func send(_ command: Command, ordered: Bool) async throws(HubUnavailable) -> Answer {
        let correlation = RandomID.make()
        var command = command
        if command.messageID == nil {
            command.messageID = correlation
            command.hasPassingKey = true
        }
        // The broker drops it once no one waits any more. A deadline by this machine's clock would be compared with the
        // node's clock.
        if command.isInteractive { command.timeout = command.timeout ?? deadline }
        let partition = PartitionNumber(of: command.instance, count: partitionCount)
        return try await request(correlation, of: partition) { [names, command] replyTo in
            let message = CommandEnvelope.message(for: command, replyTo: replyTo)
            guard !ordered else {
                return RabbitMQPublication(
                    id: 0,
                    exchange: names.commands,
                    routingKey: CommandEnvelope.routingKey(command),
                    message: message
                )
            }
            return RabbitMQPublication(id: 0, routingKey: names.inbox(partition), message: message)
        }
    }

    package func ask(_ query: Query, partition: PartitionNumber) async throws(HubUnavailable) -> Answer {
        let correlation = RandomID.make()
        return try await request(correlation, of: partition) { [names, deadline] replyTo in
            RabbitMQPublication(
                id: 0,
                routingKey: names.inbox(partition),
                message: QueryEnvelope.message(for: query, replyTo: replyTo, expiration: deadline)
            )
        }
    }

    /// Publishes one request and waits for its answer, both within the deadline.
    private func request(
        _ correlation: String,
        of partition: PartitionNumber,
        _ publication: @escaping @Sendable (ReplyAddress) -> RabbitMQPublication
    ) async throws(HubUnavailable) -> Answer {
        let answer = requests.begin(correlation)
        defer { requests.end(correlation) }
        do {
            let answered = try await within(deadline, of: ContinuousClock()) { [self] in
                async let _: Void = publish(publication, correlation, of: partition, answer)
                guard let result = await answer.value() else { throw CancellationError() }
                return try result.get()
            }
            guard let answered else { throw silence(partition) }
            return answered
        } catch let error as HubUnavailable {
            throw error
        } catch {
            throw HubUnavailable("the request was canceled")
        }
    }

    /// Publishes a request once there is a connection. What keeps it from that is its answer.
    private func publish(
        _ publication: @Sendable (ReplyAddress) -> RabbitMQPublication,
        _ correlation: String,
        of partition: PartitionNumber,
        _ answer: Promise<Result<Answer, HubUnavailable>>
    ) async {
        do {
            guard let open = try await connected() else { return }
            let published = publication(ReplyAddress(queue: open.replyQueue, correlation: correlation))
            try await open.channel.publish(
                published.message,
                exchange: published.exchange,
                routingKey: published.routingKey,
                mandatory: true
            )
        } catch let error as HubUnavailable {
            answer.set(.failure(error))
        } catch let error as RabbitMQError where [.tooLarge, .invalidArgument].contains(error.code) {
            // It was not sent, and never can be: there is nothing to wait for.
            let rejection = Rejection(error.code == .tooLarge ? .tooLarge : .invalid, error.message)
            answer.set(.success(.rejected(rejection)))
        } catch {
            answer.set(.failure(unavailable(error, partition)))
        }
    }

    /// The open line, once there is one; `nil` when the waiting task was canceled.
    private func connected() async throws(HubUnavailable) -> Open? {
        while true {
            switch line.withLock({ $0 }) {
            case .open(let open):
                if open.channel.closeReason == nil { return open }
                drop(open)
            case .connecting(let waiting): return await waiting.value()
            case .stopped: throw HubUnavailable("this client has stopped")
            }
        }
    }

    private func unavailable(_ error: any Error, _ partition: PartitionNumber) -> HubUnavailable {
        let broker = error as? RabbitMQError
        switch broker?.code {
        case .returned:
            return HubUnavailable(
                "partition \(partition) of hub '\(hub)' has no inbox on the broker: start a node to create it again"
            )
        case .blocked, .overloaded:
            return HubUnavailable("the broker at \(endpoint.place) accepts no messages now: \(broker?.message ?? "")")
        case .connectionLost, .closed, .heartbeatTimeout, .stalled:
            return lost
        default:
            return HubUnavailable(
                "the broker at \(endpoint.place) did not accept the request: \(broker?.message ?? "\(error)")"
            )
        }
    }

    /// What it means that the deadline is over.
    private func silence(_ partition: PartitionNumber) -> HubUnavailable {
        if let reason = endpoint.alarm.reason {
            return HubUnavailable(BrokerAlarm.sentence(reason, at: endpoint.place))
        }
        if case .open = line.withLock({ $0 }) {
            return HubUnavailable(
                "partition \(partition) of hub '\(hub)' did not answer within \(deadline): is a node that owns it running?",
                party: .partition
            )
        }
        if let cause = outage.cause {
            return HubUnavailable("hub '\(hub)' cannot be asked over the broker at \(endpoint.place): \(cause)")
        }
        return HubUnavailable("the broker at \(endpoint.place) did not answer within \(deadline)")
    }
}
