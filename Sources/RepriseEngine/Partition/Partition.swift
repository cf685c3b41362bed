package import Logging
package import Reprise
package import RepriseKernel

/// The logic of one partition: takes a batch of what reached it, decides, commits, and says what may leave.
///
/// ```
///  deliveries, due timers, confirms ──► handle() ── journal.commit ──► Effects: acks, messages, answers
/// ```
///
/// No thread, no clock, no I/O but the journal's: ``PartitionHost`` gives it a thread and a broker, tests give it
/// neither. After an error from ``handle(_:settlements:)`` the object must be dropped; a new one recovers from the journal.
package final class Partition {
    package let identity: JournalIdentity
    let journal: any PartitionJournal
    /// The log, which has every commit before the disk does; nil in a hub without logs.
    let log: LogWriter?
    let orchestrators: [String: RegisteredOrchestrator]
    /// By name in lower case.
    let entities: [String: RegisteredEntity]
    let settings: PartitionSettings
    let environment: PartitionEnvironment
    let logger: Logger
    let marker: any TurnMarker
    /// Random, generated for this ownership, and part of every key that it gives: ``TaskKey``.
    let life: UInt64
    let work = WorkCounter()
    private let observers: [any PartitionObserver]

    // What is durable: each value with the changes of the current batch.
    package internal(set) var head: JournalHead
    var outbox: Outbox
    var inline: InlineMessages
    var retries: RetryTable
    var timers: ArmedTimers
    var pending = PendingRows()
    var held: HeldEvents
    var accepted = AcceptedCommands()
    var crashes: CrashCounts
    var hidden: HiddenInstances
    var left = LeftHistory()

    // What is only in memory.
    var live = LiveInstances()
    let waitingBytes = WaitingBytes()
    var reported = ReportedProgress()
    var troubles = RecentTroubles()
    var changedInputs = ChangedInputs()
    var retention = RetentionSweep()
    /// Turns that may have been the last of an earlier owner.
    var suspicion = Suspicion()
    /// Instances to process first: something waited for them when the partition was taken.
    var waiting: [InstanceID]
    var instanceCount = InstanceCount()
    var batch = Batch()
    var now: Timestamp
    package internal(set) var clock: PartitionClock
    /// Whether it has been logged that the wall clock and recorded time differ.
    var isKnownToDiffer = false

    /// Opens the partition at the journal's last commit. Nothing is published before ``begin(epoch:)``.
    ///
    /// - Parameter watch: what is known of the machine's wall clock since the process began.
    package init(
        journal: any PartitionJournal,
        log: LogWriter?,
        orchestrators: [String: RegisteredOrchestrator],
        entities: [String: RegisteredEntity] = [:],
        settings: PartitionSettings,
        environment: PartitionEnvironment,
        watch: WallWatch? = nil,
        marker: any TurnMarker,
        logger: Logger
    ) throws(JournalError) {
        self.journal = journal
        self.log = log
        self.identity = journal.identity
        self.orchestrators = orchestrators
        self.entities = entities
        self.settings = settings
        self.environment = environment
        self.marker = marker
        self.logger = logger
        life = max(1, environment.makeSecret().low)
        observers = [work] + environment.observers
        let recovered = try journal.recover()
        head = recovered.head
        now = recovered.head.time
        clock = PartitionClock(
            after: recovered.head.commit > 0 ? recovered.head.time : nil,
            watch ?? WallWatch(environment, settings.clockTrust)
        )
        outbox = Outbox(
            confirmedThrough: recovered.head.confirmedThrough,
            confirmedBeyond: recovered.head.confirmedBeyond
        )
        timers = ArmedTimers(recovered.timers)
        held = HeldEvents(recovered.held)
        inline = InlineMessages(recovered.inline)
        retries = RetryTable(recovered.retries)
        hidden = HiddenInstances(recovered.hidden)
        crashes = CrashCounts(recovered.crashes)
        waiting = recovered.waiting
    }

    /// The batch's changes to durable state.
    func takeChanges() -> JournalCommit {
        var commit = JournalCommit(head: head)
        timers.takeChanges(into: &commit)
        pending.takeChanges(into: &commit)
        held.takeChanges(into: &commit)
        accepted.takeChanges(into: &commit)
        inline.takeChanges(into: &commit)
        retries.takeChanges(into: &commit)
        crashes.takeChanges(into: &commit, touched: live.touched.lazy.map(\.row.id))
        return commit
    }

    var maker: OutboundMaker { OutboundMaker(identity: identity, epoch: head.epoch) }

    func observe(_ tell: (any PartitionObserver) -> Void) { for observer in observers { tell(observer) } }

    /// The effects of a batch, to be carried out in this order and only after its commit.
    package struct Effects: Sendable {
        package var publish: [Outbound] = []
        package var answers: [Reply] = []
        package var withdrawn: [WithdrawnTask] = []
        package var resumed: [ProgressReport] = []
        package var progress: [ProgressMessage] = []
        package var acknowledgeThrough: UInt64?

        mutating func add(_ other: Effects) {
            publish += other.publish
            answers += other.answers
            withdrawn += other.withdrawn
            resumed += other.resumed
            progress += other.progress
        }
    }

    /// Handles everything that has arrived, together with due timers, in one commit.
    package func handle(
        _ deliveries: [InboundDelivery],
        settlements: [OutboundSettlement] = []
    ) throws(JournalError) -> Effects {
        openBatch(at: recordedTime())
        for settlement in settlements { try settle(settlement) }
        noteTime()
        var effects = Effects()
        for delivery in deliveries {
            if beginsAnew(delivery) { effects.add(try commitNow()) }
            let isSuspect = delivery.isRedelivered && suspicion.takeDelivery()
            effects.add(
                try inOwnCommit(delivery.message.instance, isSuspect: isSuspect) { () throws(JournalError) in
                    try receive(delivery)
                }
            )
        }
        effects.add(try fireTimers())
        try expireHeld()
        try retryDue()
        try retainOnly()
        effects.add(try commit())
        effects.acknowledgeThrough = deliveries.last?.tag
        for (query, address) in batch.queries {
            do {
                effects.answers.append(Reply(to: address, answer: try answer(query)))
            } catch  where error.code == .damaged {
                // The row of one instance: the asker is told, and the partition continues.
                logger.error("A query cannot be answered: \(error.message)")
                effects.answers.append(Reply(to: address, answer: .rejected(Rejection(.invalid, error.message))))
            }
        }
        evictIfCrowded()
        return effects
    }

    /// - Parameter time: what everything in the batch is recorded with.
    func openBatch(at time: Timestamp) {
        now = time
        batch = Batch()
    }

    /// Writes confirmations that no other commit has carried yet, so that a restart repeats less, and deletes a part of
    /// what is no longer needed; true when there is more.
    @discardableResult
    package func flush() throws(JournalError) -> Bool {
        openBatch(at: now)
        guard hasDeletable || outbox.confirmedThrough != head.confirmedThrough else { return false }
        batch.require()
        _ = try commit()
        return hasDeletable
    }

    /// Fills the log's next segment when this one has grown; blocks for a slice of it.
    func rollLog() throws(JournalError) { try log?.roll(journal) }

    /// Whether ``rollLog()`` has more to do.
    package var isRollingLog: Bool { log?.isRolling ?? false }

    /// When there is something to do although nothing arrives.
    package func nextDue() -> Timestamp? {
        [timers.nextDue(), held.nextDue(), retries.nextDue(), nextRetention(), nextNoteOfTime()].compactMap { $0 }.min()
    }

    /// True while too much is unconfirmed to accept more. Status messages do not count.
    package var isCongested: Bool { outbox.unconfirmedWorkCount > settings.maximumUnconfirmed }

    /// Ends every session. The journal stays as it is.
    package func close() {
        for instance in live.all.sorted(by: { $0.row.key < $1.row.key }) { evict(instance) }
        live = LiveInstances()
    }

    /// Whether this would start an id whose previous incarnation began or was hidden in this very batch. An incarnation
    /// is identified by its commit, so each needs its own. A rewind reads what was committed.
    private func beginsAnew(_ delivery: InboundDelivery) -> Bool {
        guard case .command(let command) = delivery.message else { return false }
        switch command.action {
        case .rewind: return live.peek(command.instance)?.isTouched == true
        case .start(let request) where request.takesUp && live.peek(command.instance)?.isTouched == true: return true
        default: break
        }
        switch command.action {
        case .start, .operate: break
        case .restart(let id) where id == nil || id == command.instance: break
        default: return false
        }
        if hidden.hides(command.instance) { return true }
        guard let known = live.peek(command.instance) else { return false }
        return known.row.runtimeStatus.isEnded && known.row.incarnation > Incarnation(begunBy: head.commit)
    }

    /// Commits what the batch has so far. A crash before its effects are carried out is like any other after a commit.
    func commitNow() throws(JournalError) -> Effects {
        let effects = try commit()
        batch = batch.continued
        return effects
    }

    /// An unreadable row affects only its own instance: its message is kept for people, its sender is told, and the
    /// partition continues.
    private func receive(_ delivery: InboundDelivery) throws(JournalError) {
        do {
            try take(delivery)
        } catch {
            guard error.code == .damaged else { throw error }
            logger.error("A message cannot be used: \(error.message)")
            if case .command(let command) = delivery.message {
                if command.action.caller != nil { remember(command) }
                _ = answerCaller(of: command, Rejection(.invalid, error.message))
            }
            reject(delivery, Rejection(.invalid, error.message), keep: true)
        }
    }

    private func take(_ delivery: InboundDelivery) throws(JournalError) {
        switch delivery.message {
        case .command(let command): try receive(command, delivery)
        case .result(let result): try receive(result)
        case .progress(let report): try receive(report)
        case .query(let query):
            if let address = delivery.replyTo { batch.ask(query, for: address) }
        case .unusable(let rejection): reject(delivery, rejection, keep: true)
        }
    }

    // MARK: Instances in memory

    func instance(_ id: InstanceID) throws(JournalError) -> LiveInstance? {
        if let known = live.use(id) { return known }
        // The journal shows what was committed: not that this batch has purged or replaced it.
        guard let row = try journal.instance(id), !hidden.hides(row.key) else { return nil }
        return live.keep(LiveInstance(row: row, waitingBytes: waitingBytes))
    }

    func instance(key: InstanceKey) throws(JournalError) -> LiveInstance? {
        if let known = live.peek(key: key) { return known }
        guard let row = try journal.instance(key: key), row.hiddenThrough == nil, !hidden.hides(key) else { return nil }
        return live.keep(LiveInstance(row: row, waitingBytes: waitingBytes))
    }

    func forget(_ instance: LiveInstance) {
        evict(instance)
        live.forget(instance)
    }

    /// Evicts its code from memory. The code cleans up as it goes, and may trap while doing so, as in any turn.
    func evict(_ instance: LiveInstance) {
        guard let session = instance.session else { return }
        instance.session = nil
        marker.enter(instance.row.id)
        session.evict()
        marker.leave()
    }

    private func evictIfCrowded() {
        for instance in live.crowded(beyond: settings.maximumLiveSessions) { forget(instance) }
    }
}
