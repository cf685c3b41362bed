import Logging
import Reprise
import RepriseKernel

/// What a ``PartitionHost``'s thread runs.
final class PartitionLoop: @unchecked Sendable {
    // Proof of Sendable: created by the host, then touched by the host's thread alone.

    private let journal: any PartitionJournal
    private let orchestrators: [String: RegisteredOrchestrator]
    private let settings: PartitionSettings
    private let environment: PartitionEnvironment
    private let marker: any TurnMarker
    private let logger: Logger
    private let mailbox: Mailbox
    private let onFatal: @Sendable (String) -> Void

    private var owned: (partition: Partition, link: any PartitionLink)?

    private static let batchCount = 256
    private static let batchBytes = 1 << 20
    /// How long nothing happens before confirmations are written down and the journal is tidied.
    private static let idle = Duration.milliseconds(500)
    private static let longWait = Duration.seconds(60)

    init(
        journal: any PartitionJournal,
        orchestrators: [String: RegisteredOrchestrator],
        settings: PartitionSettings,
        environment: PartitionEnvironment,
        marker: any TurnMarker,
        logger: Logger,
        mailbox: Mailbox,
        onFatal: @escaping @Sendable (String) -> Void
    ) {
        self.journal = journal
        self.orchestrators = orchestrators
        self.settings = settings
        self.environment = environment
        self.marker = marker
        self.logger = logger
        self.mailbox = mailbox
        self.onFatal = onFatal
    }

    func run() {
        var isTidy = true
        while true {
            let work = mailbox.take(
                timeout: isTidy ? untilDue(Self.longWait) : untilDue(Self.idle),
                takesDeliveries: !(owned?.partition.isCongested ?? false),
                count: Self.batchCount,
                bytes: Self.batchBytes
            )
            var controls = work.controls[...]
            while let control = controls.popFirst() {
                guard carryOut(control) else { return refuse(controls + mailbox.close()) }
            }
            guard let (partition, link) = owned else { continue }
            do {
                if work.deliveries.isEmpty, work.settlements.isEmpty, !isDue(partition) {
                    try partition.flush()
                    try journal.tidy(idle: true)
                    isTidy = true
                } else {
                    carryOut(try partition.handle(work.deliveries, settlements: work.settlements), link)
                    try journal.tidy(idle: false)
                    isTidy = false
                }
            } catch {
                giveUp(error)
            }
        }
    }

    private func untilDue(_ longest: Duration) -> Duration {
        guard let partition = owned?.partition, let due = partition.nextDue() else { return longest }
        let now = partition.recordedTime()
        if due <= now { return .zero }
        // Recorded time stands still until the wall clock has caught up with it, so the wall clock says how long.
        let (wait, isTooLong) = due.milliseconds.subtractingReportingOverflow(environment.wallClock().milliseconds)
        return isTooLong ? longest : max(.zero, min(longest, .milliseconds(wait)))
    }

    private func isDue(_ partition: Partition) -> Bool {
        partition.nextDue().map { $0 <= partition.recordedTime() } ?? false
    }

    /// Acks first: what a crash between the two leaves is published again from the journal, not asked for again.
    private func carryOut(_ effects: Partition.Effects, _ link: any PartitionLink) {
        if let tag = effects.acknowledgeThrough { link.acknowledge(through: tag) }
        if !effects.publish.isEmpty { link.publish(effects.publish) }
        if !effects.answers.isEmpty { link.answer(effects.answers) }
    }

    /// False when the thread must end.
    private func carryOut(_ control: Mailbox.Control) -> Bool {
        switch control {
        case .take(let link, let continuation):
            drop()
            do {
                continuation.resume(returning: try take(link))
            } catch {
                drop()
                if error.code == .failed { onFatal(error.message) }
                continuation.resume(throwing: error)
            }
        case .lose(let reason, let continuation):
            if owned != nil { logger.info("The partition is no longer ours: \(reason)") }
            drop()
            continuation.resume()
        case .stop(let continuation):
            drop()
            journal.close()
            continuation.resume()
            return false
        }
        return true
    }

    private func take(_ link: any PartitionLink) throws(JournalError) -> Int64 {
        let partition = try Partition(
            journal: journal,
            orchestrators: orchestrators,
            settings: settings,
            environment: environment,
            marker: marker,
            logger: logger
        )
        // Owned before it begins: what it has brought into memory is dropped with it if it cannot.
        owned = (partition, link)
        carryOut(try partition.begin(), link)
        return partition.progress.epoch
    }

    /// The thread ends: nobody may be left waiting for it.
    private func refuse(_ controls: ArraySlice<Mailbox.Control>) {
        for control in controls {
            switch control {
            case .take(_, let continuation):
                continuation.resume(throwing: JournalError(.inUse, "the partition's thread has ended"))
            case .lose(_, let continuation), .stop(let continuation): continuation.resume()
            }
        }
    }

    private func drop() {
        owned?.partition.close()
        owned = nil
    }

    private func giveUp(_ error: JournalError) {
        let link = owned?.link
        drop()
        if error.code == .failed { return onFatal(error.message) }
        logger.error("The partition is given up and will be tried again: \(error.message)")
        link?.resign(error.message)
    }
}
