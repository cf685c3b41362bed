import Logging
import RepriseKernel

/// What a ``PartitionHost``'s thread runs.
final class PartitionLoop: @unchecked Sendable {
    // Proof of Sendable: created by the host, then touched by the host's thread alone.

    private let replica: PartitionReplica
    private let logger: Logger
    private let mailbox: PartitionMailbox
    private let onFatal: @Sendable (String) -> Void

    private var link: (any PartitionLink)?
    private var isStopped = false

    private static let batchCount = 256
    private static let batchBytes = 1 << 20
    /// How long the loop must be idle before it writes down confirmations and tidies the journal.
    private static let idle = Duration.milliseconds(500)
    private static let longWait = Duration.seconds(60)
    /// How long the log's next segment waits for work that comes first.
    private static let betweenSlices = Duration.milliseconds(20)

    init(
        replica: PartitionReplica,
        logger: Logger,
        mailbox: PartitionMailbox,
        onFatal: @escaping @Sendable (String) -> Void
    ) {
        self.replica = replica
        self.logger = logger
        self.mailbox = mailbox
        self.onFatal = onFatal
    }

    func run() {
        var isTidy = true
        while true {
            let work = mailbox.take(
                timeout: isTidy ? untilDue(Self.longWait) : untilDue(Self.idle),
                takesDeliveries: !(replica.partition?.isCongested ?? false),
                count: Self.batchCount,
                bytes: Self.batchBytes
            )
            for (index, control) in work.controls.enumerated() {
                control(self)
                guard !isStopped else { return refuse(work.controls.dropFirst(index + 1) + mailbox.close()) }
            }
            do {
                if try handle(work) {
                    try replica.tidy(idle: false)
                    isTidy = false
                } else if work.controls.isEmpty || replica.partition != nil {
                    try replica.tidy(idle: true)
                    isTidy = true
                } else {
                    // A standby that follows the log: it, too, has something to fold back.
                    try replica.tidy(idle: false)
                    isTidy = false
                }
            } catch {
                giveUp(error)
            }
        }
    }

    /// False when there was nothing to do, and no work is left for idle time.
    private func handle(_ work: PartitionMailbox.Contents) throws(JournalError) -> Bool {
        guard let partition = replica.partition, let link else { return false }
        if work.deliveries.isEmpty, work.settlements.isEmpty, !isDue(partition) {
            guard partition.isRollingLog else { return try partition.flush() }
            try replica.maintain()
            return true
        }
        carryOut(try partition.handle(work.deliveries, settlements: work.settlements), link)
        try replica.maintain()
        return true
    }

    private func untilDue(_ longest: Duration) -> Duration {
        guard let partition = replica.partition else { return longest }
        let longest = partition.isRollingLog ? min(longest, Self.betweenSlices) : longest
        guard let due = partition.nextDue() else { return longest }
        let now = partition.recordedTime()
        if due <= now { return .zero }
        let (wait, isTooLong) = due.milliseconds.subtractingReportingOverflow(now.milliseconds)
        return isTooLong ? longest : max(.zero, min(longest, .milliseconds(wait)))
    }

    private func isDue(_ partition: Partition) -> Bool {
        partition.nextDue().map { $0 <= partition.recordedTime() } ?? false
    }

    /// Acks last: a link with everything acked may end at once, and what was not sent by then is never sent.
    /// Answers are in no journal.
    private func carryOut(_ effects: Partition.Effects, _ link: any PartitionLink) {
        if !effects.publish.isEmpty { link.publish(effects.publish) }
        if !effects.answers.isEmpty { link.answer(effects.answers) }
        if !effects.withdrawn.isEmpty { link.withdraw(effects.withdrawn) }
        if !effects.resumed.isEmpty { link.resume(effects.resumed) }
        if !effects.progress.isEmpty { link.report(effects.progress) }
        if let tag = effects.acknowledgeThrough { link.acknowledge(through: tag) }
    }

    // MARK: What the host asks for

    func holding() throws(JournalError) -> HeldJournal? {
        try minding { () throws(JournalError) in try replica.holding() }
    }

    func read(_ pointer: LogAddress, rebuilding: Bool) throws(JournalError) {
        try minding { () throws(JournalError) in try replica.read(pointer, rebuilding: rebuilding) }
    }

    func follow(_ entries: [LogEntry]) throws(JournalError) -> LogPosition? {
        try minding { () throws(JournalError) in try replica.follow(entries) }
    }

    func take(_ ownership: Ownership) throws(JournalError) -> (epoch: Epoch, pointer: LogAddress?) {
        do {
            let (effects, epoch, pointer) = try minding { () throws(JournalError) in try replica.take(ownership) }
            link = ownership.link
            carryOut(effects, ownership.link)
            return (epoch, pointer)
        } catch {
            drop()
            throw error
        }
    }

    func lose(_ reason: String) {
        if link != nil { logger.info("The partition is no longer ours: \(reason)") }
        drop()
    }

    func stop() {
        drop()
        replica.close()
        isStopped = true
    }

    /// A failed disk must not be used again, whichever call saw it first.
    private func minding<Result>(_ work: () throws(JournalError) -> Result) throws(JournalError) -> Result {
        do {
            return try work()
        } catch {
            if error.code == .failed { onFatal(error.message) }
            throw error
        }
    }

    /// The thread is ending: no one may be left waiting for it.
    private func refuse(_ controls: ArraySlice<PartitionMailbox.Control>) {
        for control in controls { control(nil) }
    }

    private func drop() {
        replica.drop()
        link = nil
    }

    private func giveUp(_ error: JournalError) {
        let link = link
        drop()
        if error.code == .failed { return onFatal(error.message) }
        logger.error("The partition is given up, and will be retried: \(error.message)")
        link?.resign(error.message)
    }
}
