import RabbitMQ
import RepriseBroker
import RepriseKernel
import Synchronization

/// Drives a number of E1_HelloSequence instances over AMQP, a fixed number at a time.
///
/// ```
///  this ── start messages, pipelined ──► reprise.<hub>
///   ▲ each end makes room for the next
///   └──── OrchestrationCompleted, …Failed, …Terminated ◄── reprise.<hub>.status
/// ```
/// All work is done on the connection's thread, batch by batch, as the ends come in.
final class HelloRun: Sendable {
    static let orchestrator = "E1_HelloSequence"
    private static let output = Array(#"["Hello Tokyo!","Hello Seattle!","Hello London!"]"#.utf8)
    /// How long to listen for a second end of an instance.
    private static let afterglow = Duration.milliseconds(300)

    private let access: HubAccess
    private let names: HubNames
    private let prefix: String
    private let timeout: Duration
    private let state = Mutex(State())

    private struct State {
        var ledger = HelloLedger(count: 0, concurrency: 0)
        var channel: RabbitMQChannel?
        var failure: CommandFailure?
    }

    init(access: HubAccess, prefix: String, timeout: Duration) {
        self.access = access
        self.names = HubNames(access.hub)
        self.prefix = prefix
        self.timeout = timeout
    }

    /// - Parameter progress: called now and then with how many have ended.
    func run(_ ledger: HelloLedger, progress: (Int) -> Void) async throws -> HelloLedger {
        do {
            let connection = try await RabbitMQConnection.open(access.endpoint.configuration)
            let channel = try await connection.openChannel { [self] event in handle(event) }
            try await listen(channel)
            state.withLock { state in
                state.ledger = ledger
                state.channel = channel
            }
            launch()
            let result = await self.result(progress)
            state.withLock { $0.channel = nil }
            await connection.close()
            return try result.get()
        } catch let error as RabbitMQError {
            throw CommandFailure(.unavailable, "the broker at \(access.endpoint.place): \(error.message)")
        }
    }

    private func listen(_ channel: RabbitMQChannel) async throws {
        let queue = names.watch(RandomName.make())
        try await channel.declareQueue(queue, durable: false, exclusive: true, autoDelete: true)
        for kind in [StatusMessage.Kind.completed, .failed, .canceled, .terminated] {
            try await channel.bindQueue(queue, to: names.statuses, routingKey: "\(Self.orchestrator).\(kind.rawValue)")
        }
        try await channel.consume(queue, exclusive: true, noAck: true)
    }

    private func result(_ progress: (Int) -> Void) async -> Result<HelloLedger, any Error> {
        var last = (ended: 0, time: ContinuousClock.now)
        while true {
            // A pace for the display; the ledger's own times are those of the messages.
            do { try await ContinuousClock().sleep(for: .milliseconds(50)) } catch { return .failure(error) }
            let (ended, isDone, failure) = state.withLock { ($0.ledger.ended, $0.ledger.isDone, $0.failure) }
            if let failure { return .failure(failure) }
            if isDone { break }
            progress(ended)
            if ended > last.ended { last = (ended, .now) }
            guard ContinuousClock.now - last.time < timeout else { return .failure(stalled(ended)) }
        }
        try? await ContinuousClock().sleep(for: Self.afterglow)
        return .success(state.withLock { $0.ledger })
    }

    private func stalled(_ ended: Int) -> CommandFailure {
        CommandFailure(
            .notReached,
            "\(Amount.count(ended)) ended, and then none for \(Amount.duration(timeout)): reprise doctor, reprise dead list"
        )
    }

    // MARK: On the connection's thread

    private func handle(_ event: RabbitMQChannelEvent) {
        switch event {
        case .deliveries(let deliveries):
            receive(deliveries)
            launch()
        case .settled(let settlements):
            for settlement in settlements where settlement.outcome != .confirmed {
                fail("a start message was not accepted: \(settlement.outcome)")
            }
        case .closed(let error): fail(error.message)
        case .consumerCancelled: fail("the queue of status messages was deleted")
        case .flow: break
        }
    }

    private func receive(_ deliveries: [RabbitMQDelivery]) {
        let now = Self.now
        state.withLock { state in
            for delivery in deliveries {
                guard let number = number(delivery.properties.correlationID),
                    let message = try? StatusEnvelope.read(ReceivedMessage(delivery))
                else { continue }
                state.ledger.end(
                    number,
                    isRight: message.kind == .completed && message.payload.bytes == Self.output,
                    revision: Revision(message),
                    at: now
                )
            }
        }
    }

    private func launch() {
        let (batch, channel) = state.withLock { state in
            (state.channel == nil ? 0..<0 : state.ledger.launch(at: Self.now), state.channel)
        }
        guard let channel, !batch.isEmpty else { return }
        channel.publish(batch.map(start))
    }

    private func start(_ number: Int) -> RabbitMQPublication {
        let action = Command.Action.start(orchestrator: Self.orchestrator, input: .null)
        let id = "\(prefix)\(number)"
        let command = Command(instance: InstanceID(trusted: id), action: action, messageID: id)
        return RabbitMQPublication(
            id: UInt64(number),
            exchange: names.commands,
            routingKey: CommandEnvelope.routingKey(command),
            message: CommandEnvelope.message(for: command)
        )
    }

    /// The number of an instance of this run.
    private func number(_ id: String?) -> Int? {
        guard let id, id.hasPrefix(prefix) else { return nil }
        return Int(id.dropFirst(prefix.count))
    }

    private func fail(_ reason: String) {
        state.withLock { state in
            guard state.channel != nil, state.failure == nil else { return }
            state.failure = CommandFailure(.unavailable, "the broker at \(access.endpoint.place): \(reason)")
        }
    }

    private static let origin = ContinuousClock.now

    private static var now: Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - origin).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
