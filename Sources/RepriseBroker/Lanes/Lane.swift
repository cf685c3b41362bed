import Logging
import RabbitMQ
import Synchronization

/// One outgoing lane of a partition, for one period of ownership: with its own window, so that a stalled lane does not
/// block the others.
///
/// ```
///  own       the lock's channel     log, messages to other instances, dead letters: only the hub's own queues
///  tasks     a channel apart        an activity's queue may have lost its leader
///  statuses  a channel apart        anyone may have bound a queue that takes nothing
/// ```
/// What travels apart is not fenced by the lock. It need not be: it was committed by an owner, and receivers recognize
/// repeats and drop what is older than what they have.
final class Lane: Sendable {
    private struct State {
        var ledger = LaneLedger()
        var channel: RabbitMQChannel?
        /// Counts channels: events of an abandoned one are ignored.
        var channelNumber = 0
        var isClosed = false
    }

    private let silent: SilentDestinations
    private let state = Mutex(State())
    /// What is settled without the broker.
    private let listener = SettlementListener()

    private static let pause = Duration.milliseconds(100)
    /// A channel that the broker refuses again and again costs it, and its log, something each time.
    private static let backoff = RabbitMQBackoff(base: pause, cap: .seconds(10))
    /// From then on a channel counts as working.
    private static let settled = Duration.seconds(5)
    /// At these the broker closes the channel alone.
    private static let refusals: Set<RabbitMQError.Code> = [.notFound, .accessRefused, .preconditionFailed]

    init(silent: SilentDestinations) { self.silent = silent }

    /// The outcomes of publications go to `settle` from now on.
    func listen(_ settle: @escaping @Sendable ([RabbitMQSettlement]) -> Void) { listener.listen(settle) }

    /// Published and not yet settled.
    var unsettled: Int { state.withLock { $0.ledger.count } }

    /// Publishes in order; waits here while there is no channel.
    func publish(_ publications: [RabbitMQPublication]) {
        guard !publications.isEmpty else { return }
        let table = silent.table
        let refused = state.withLock { state in
            guard !state.isClosed else { return [RabbitMQSettlement]() }
            let outcome = state.ledger.offer(publications, table)
            state.channel?.publish(outcome.send)
            return outcome.settled
        }
        if !refused.isEmpty { listener.settle(refused) }
    }

    /// Publishes what no one waits for, if it can. Only the state of its destination matters.
    func mention(_ publications: [RabbitMQPublication]) {
        let table = silent.table
        state.withLock { state in
            guard !state.isClosed, let channel = state.channel else { return }
            channel.publish(state.ledger.mention(publications, table))
        }
    }

    /// Nothing more goes out, and no outcome is reported.
    func close() {
        listener.listen { _ in }
        state.withLock { state in
            state.isClosed = true
            state.channel = nil
        }
    }

    /// The one channel of a lane that has no other.
    func open(_ channel: RabbitMQChannel) { state.withLock { $0.channel = channel } }

    /// Takes the outcomes of publications on that one channel.
    func settle(_ settlements: [RabbitMQSettlement]) { _ = settle(settlements, of: nil) }

    /// True when the channel should be replaced.
    private func settle(_ settlements: [RabbitMQSettlement], of channelNumber: Int?) -> Bool {
        let table = silent.table
        let outcome = state.withLock { state in
            guard channelNumber == nil || channelNumber == state.channelNumber else { return LaneLedger.Outcome() }
            return state.ledger.settle(settlements, table)
        }
        for publication in outcome.late { silent.late(publication) }
        for publication in outcome.confirmed { silent.confirmed(publication) }
        if !outcome.settled.isEmpty { listener.settle(outcome.settled) }
        return outcome.isStale
    }

    // MARK: A channel apart

    /// Keeps a channel open until the task is canceled, and takes another when something on it has no confirm: the
    /// broker may have stopped reading from it.
    ///
    /// Why the broker closes one is logged once, and so is that it no longer does.
    ///
    /// - Parameter onMissing: is told of a missing exchange.
    func run(
        on line: PublishingLine,
        for purpose: String,
        logger: Logger,
        onMissing: @Sendable (RabbitMQError) -> Void
    ) async {
        let outage = Outage()
        var failures = 0
        var generator = SystemRandomNumberGenerator()
        while let live = await line.connection() {
            let start = ContinuousClock.now
            do {
                async let _: Void = sayOnceSettled(outage, purpose, logger)
                try await serve(on: live)
                failures = 0
                try await Task.sleep(for: Self.pause)
            } catch let error as RabbitMQError {
                // A broker that reads nothing from the connection does not even open a channel.
                if error.code == .timedOut { await live.connection.close() }
                if Self.refusals.contains(error.code), live.lost == nil {
                    let level: Logger.Level = outage.note(error) ? .error : .debug
                    logger.log(level: level, "\(purpose) are kept and retried, since they are not accepted: \(error)")
                }
                if error.code == .notFound {
                    onMissing(error)
                    // That of status messages is not made before.
                    guard (try? await Task.sleep(for: RabbitMQChannel.timeToNotice)) != nil else { return }
                }
                failures = ContinuousClock.now - start > Self.settled ? 1 : failures + 1
                try? await Task.sleep(for: Self.backoff.delay(failures: failures, using: &generator))
            } catch {
                return
            }
        }
    }

    private func sayOnceSettled(_ outage: Outage, _ purpose: String, _ logger: Logger) async {
        try? await Task.sleep(for: Self.settled)
        if !Task.isCancelled, outage.end() { logger.notice("\(purpose) are taken again") }
    }

    /// Returns when the channel should be replaced, or the task is canceled; throws why it was closed.
    private func serve(on live: LiveConnection) async throws(RabbitMQError) {
        let ended = Promise<RabbitMQError?>()
        let channelNumber = state.withLock { state in
            state.channelNumber += 1
            return state.channelNumber
        }
        let channel = try await live.connection.openChannel { [self] event in
            switch event {
            case .settled(let settlements): if settle(settlements, of: channelNumber) { ended.set(nil) }
            case .closed(let error): ended.set(error)
            case .deliveries, .consumerCancelled, .flow: break
            }
        }
        begin(channel)
        let ending = await ended.value()
        state.withLock { $0.channel = nil }
        // When the task is canceled, someone waits, and the channel goes with its last reference.
        guard let ending else { return }
        await channel.close()
        if let error = ending { throw error }
    }

    private func begin(_ channel: RabbitMQChannel) {
        let table = silent.table
        let refused = state.withLock { state in
            guard !state.isClosed else { return [RabbitMQSettlement]() }
            let outcome = state.ledger.reopen(table)
            channel.publish(outcome.send)
            state.channel = channel
            return outcome.settled
        }
        if !refused.isEmpty { listener.settle(refused) }
    }
}
