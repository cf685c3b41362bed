import Logging
import RepriseKernel
import Synchronization

extension Partition {
    /// Crashes that the code itself caused; deaths of other nodes count like them once one of these is known.
    private static let toleratedCrashes = 3
    /// Deaths of other nodes in turns that were tried, one after the other, when nobody knows the reason of any.
    private static let toleratedTrials = 5
    /// Deaths of the process that may have had any reason.
    private static let toleratedKills = 10

    /// Why an instance must not run any more: the process died in its turns too often.
    func quarantined(_ id: InstanceID) -> Failure? {
        guard let row = crashes[id] else { return nil }
        let known = row.traps + row.timeouts
        if row.trials >= Self.toleratedTrials || (known > 0 && known + row.trials >= Self.toleratedCrashes) {
            if row.trials > 0 { return fatal(row) }
            return row.timeouts > row.traps ? timedOut(row) : trapped(row)
        }
        return row.kills >= Self.toleratedKills ? killed(row) : nil
    }

    func endQuarantined(_ instance: LiveInstance, _ failure: Failure) {
        observe { $0.quarantined(instance.row.id) }
        end(instance, .executionFailed(failure), as: .failed)
    }

    private func trapped(_ row: CrashRow) -> Failure {
        let timeouts = row.timeouts > 0 ? ", and \(row.timeouts) of its turns did not end in time" : ""
        return Failure(
            type: Failure.Kind.trapped,
            message: "the orchestrator's code trapped the process \(row.traps) times\(timeouts)",
            details: """
                A trap is a crash that Swift does not let code catch: a failed precondition, an index out of range, \
                an overflow, a nil that was unwrapped, a stack that ran out. The node's log shows where. \
                Correct the code, start the node again and rewind the instance.
                """,
            isNonRetriable: true
        )
    }

    /// Several nodes died of it, one after the other.
    private func fatal(_ row: CrashRow) -> Failure {
        Failure(
            type: Failure.Kind.trapped,
            message: """
                nodes died \(row.traps + row.timeouts + row.trials) times, one after the other, while a turn of the \
                orchestrator's instance '\(row.instance)' ran
                """,
            details: """
                Either its code traps the process (a failed precondition, an index out of range, an overflow, a nil that \
                was unwrapped), or it does not end its turn, or it takes all the memory there is. The nodes' logs \
                show which. Correct the code, start the nodes again and rewind the instance.
                """,
            isNonRetriable: true
        )
    }

    private func timedOut(_ row: CrashRow) -> Failure {
        let traps = row.traps > 0 ? ", and its code trapped the process \(row.traps) times" : ""
        return Failure(
            type: Failure.Kind.turnTimedOut,
            message: """
                \(row.timeouts) turns of the orchestrator's instance '\(row.instance)' did not end within the turn \
                time-out of \(settings.turnTimeout)\(traps)
                """,
            details: """
                A turn is what the code does between two awaits of the context. It must not loop for ever, wait for \
                a lock or sleep; work that takes long belongs into an activity. \
                Correct the code, start the node again and rewind the instance.
                """,
            isNonRetriable: true
        )
    }

    private func killed(_ row: CrashRow) -> Failure {
        Failure(
            type: Failure.Kind.killed,
            message: "the process was killed \(row.kills) times while a turn of this instance ran",
            details: """
                Nothing says that the orchestrator's code is the reason. It is if it takes all the memory there is, \
                or ends the process itself. Rewind the instance to let it go on.
                """,
            isNonRetriable: true
        )
    }

    /// Counts the crash that the last process of this node left behind, unless it is long over: others have owned the
    /// partition since, and not all of them died trying that turn.
    ///
    /// - Parameter predecessor: the ownership before the one that begins.
    func countCrash(after predecessor: Epoch) {
        guard let turn = marker.takeUnfinished() else { return }
        let known = crashes[turn.instance]
        guard turn.epoch.advanced(by: known?.deaths ?? 0) >= predecessor else { return }
        var row = known ?? CrashRow(instance: turn.instance)
        row.add(turn)
        let count = row.traps + row.timeouts + row.trials
        let what: String
        switch turn.death {
        case .trapped: what = "trapped (\(count) of \(Self.toleratedCrashes))"
        case .timedOut: what = "was ended by the turn time-out (\(count) of \(Self.toleratedCrashes))"
        case .killed: what = "was killed (\(row.kills) of \(Self.toleratedKills))"
        case .none: return crashes.note(row)
        }
        crashes.note(row)
        logger.error(
            "The last process \(what) in a turn of this instance; its turns are committed alone now.",
            metadata: ["instance": "\(turn.instance)"]
        )
    }

    /// Runs `body` so that the process may die of it and nobody else is blamed, where it is about an instance in whose turns
    /// a process has died, or where it may be what an owner before died of.
    ///
    /// What its neighbours have done is on disk before, and waits for nothing after.
    ///
    /// - Parameter isSuspect: whether nobody knows yet, and an owner before may have died in it.
    func inOwnCommit(
        _ id: InstanceID?,
        isSuspect: Bool = false,
        _ body: () throws(JournalError) -> Void
    ) throws(JournalError) -> Effects {
        var effects = Effects()
        if let id, crashes[id] != nil {
            // One at a time in the whole process, so that its end says whose turn it was.
            return try settings.trials.withLock { () throws(JournalError) in
                effects.add(try tryOut(id, body))
                effects.add(try commitNow())
                return effects
            }
        }
        if let id, isSuspect { return try tryOut(id, body) }
        if id != nil, batch.isTrial { effects.add(try commitNow()) }
        try body()
        return effects
    }

    /// Counts the turn as one in which the process died, for all to read, before it runs; takes that back in the next commit.
    private func tryOut(
        _ id: InstanceID,
        _ body: () throws(JournalError) -> Void
    ) throws(JournalError) -> Effects {
        var effects = Effects()
        // Its own turn before this one is committed for itself, since that clears the count.
        if live.isTouched(id) || crashes.isForgiven(id) { effects.add(try commitNow()) }
        // Nil of one that nobody knows yet: an owner before may have died of it.
        let known = crashes[id]
        // Of one that is set aside no code runs any more, but for what cleans up.
        let isCounted = quarantined(id) == nil
        let endsAnother = batch.isTrial
        crashes.beginTrial(of: id, isCounted: isCounted)
        if isCounted, !endsAnother { marker.beginTrial(of: id) }
        effects.add(try commitNow())
        if isCounted, endsAnother { marker.beginTrial(of: id) }
        batch.isTrial = true
        defer { if !live.isTouched(id) { crashes.takeBackTrial(of: id, known) } }
        try body()
        return effects
    }

    /// Looks at the instances for which something waited when the partition was taken.
    func applyWaiting() throws(JournalError) -> Effects {
        var effects = Effects()
        for id in waiting {
            do {
                effects.add(
                    try inOwnCommit(id, isSuspect: suspicion.takeWaiting()) { () throws(JournalError) in
                        guard let instance = try instance(id) else { return }
                        if id.isEntity {
                            try drain(instance)
                        } else if instance.row.runtimeStatus != .suspended {
                            try activate(instance)
                        }
                    }
                )
            } catch {
                guard error.code == .damaged else { throw error }
                logger.error("What waits cannot be applied: \(error.message)", metadata: ["instance": "\(id)"])
            }
        }
        waiting = []
        return effects
    }
}

extension CrashRow {
    /// All in a row: a turn that is committed deletes it.
    fileprivate var deaths: Int64 { Int64(traps + timeouts + kills + trials) }

    /// Counts a death of this node's own, of which it knows the reason. What was counted before the turn is that one death.
    mutating func add(_ turn: UnfinishedTurn) {
        if turn.isTrial { trials = max(0, trials - 1) }
        switch turn.death {
        case .trapped: traps += 1
        case .timedOut: timeouts += 1
        case .killed: kills += 1
        case .none: break
        }
    }
}

/// Which turns may have been the last of an owner before, when that was another node or another process whose marks lie
/// elsewhere: what it had in its hands, or would have found to do, when it died.
///
/// Each is tried with a commit of its own, so their number is bounded: more than an owner takes into one batch.
struct Suspicion {
    private static let limit = 512

    private var takenAt = Timestamp.zero
    private var deliveries = 0
    private var timers = 0
    private var waiting = 0

    /// There was no such owner.
    init() {}

    init(takenAt: Timestamp) {
        self.takenAt = takenAt
        deliveries = Self.limit
        timers = Self.limit
        waiting = Self.limit
    }

    mutating func takeDelivery() -> Bool { Self.take(&deliveries) }
    mutating func takeTimer(_ due: Timestamp) -> Bool { due <= takenAt && Self.take(&timers) }
    mutating func takeWaiting() -> Bool { Self.take(&waiting) }

    private static func take(_ count: inout Int) -> Bool {
        guard count > 0 else { return false }
        count -= 1
        return true
    }
}

/// Lets one partition of a process at a time try an instance that is known to be suspect.
package final class TrialGate: Sendable {
    private let gate = Mutex(())

    package init() {}

    func withLock<Result: Sendable, Problem: Error>(
        _ body: () throws(Problem) -> Result
    ) throws(Problem) -> Result {
        try gate.withLock { _ throws(Problem) in try body() }
    }
}

extension InboundDelivery.Message {
    /// Whom it may wake.
    var instance: InstanceID? {
        switch self {
        case .command(let command): command.instance
        case .result(let result): result.instance
        case .progress(let report): report.instance
        case .query, .unusable: nil
        }
    }
}
