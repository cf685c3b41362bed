import Logging
import RabbitMQ
import Synchronization

/// One way out of a partition, for one period of ownership: with a window of its own, so that what stands still in one
/// lane stands in nobody else's way.
///
/// ```
///  own       the lock's channel     log, messages to other instances, dead letters: only the hub's own queues
///  tasks     a channel apart        an activity's queue may have lost its leader
///  statuses  a channel apart        anybody may have bound a queue that takes nothing
/// ```
/// What travels apart is not fenced by the lock. It need not be: it was committed by an owner, and whoever gets it knows
/// repeats and drops what is older than what they have.
final class Lane: Sendable {
    private struct State {
        var ledger = LaneLedger()
        var channel: RabbitMQChannel?
        /// Counts channels: the news of one that was given up concerns nobody.
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

    /// What becomes of publications goes to `settle` from now on.
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

    /// Publishes what nobody waits for, if it can. Only what becomes of its destination is of interest.
    func mention(_ publications: [RabbitMQPublication]) {
        let table = silent.table
        state.withLock { state in
            guard !state.isClosed, let channel = state.channel else { return }
            channel.publish(state.ledger.mention(publications, table))
        }
    }

    /// Nothing more goes out, and nobody hears of anything.
    func close() {
        listener.listen { _ in }
        state.withLock { state in
            state.isClosed = true
            state.channel = nil
        }
    }

    /// The one channel of a lane that has no other.
    func open(_ channel: RabbitMQChannel) { state.withLock { $0.channel = channel } }

    /// Takes what became of publications on that one channel.
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

    /// Keeps a channel open until the task is cancelled, and takes another when something on it has no confirm: the broker
    /// may have stopped to read from that.
    ///
    /// Why the broker closes one is said once, and so is that it does not any more.
    ///
    /// - Parameter onMissing: hears of an exchange that is not there.
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
                    logger.log(level: level, "\(purpose) are kept, and tried again, since they are not taken: \(error)")
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

    /// Returns when the channel should be replaced, or the task is cancelled; throws why it was closed.
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
        // When the task is cancelled, somebody waits, and the channel goes with its last reference.
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
