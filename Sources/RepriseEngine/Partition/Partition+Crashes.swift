import Logging
import RepriseKernel

extension Partition {
    /// Crashes that the code itself caused.
    private static let toleratedCrashes = 3
    /// Deaths of the process that may have had any reason.
    private static let toleratedKills = 10

    /// Why an instance must not run any more: the process died in its turns too often.
    func setAside(_ id: InstanceID) -> Failure? {
        guard let row = crashes[id] else { return nil }
        if row.traps + row.timeouts >= Self.toleratedCrashes {
            return row.timeouts > row.traps ? timedOut(row) : trapped(row)
        }
        return row.kills >= Self.toleratedKills ? killed(row) : nil
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

    /// Counts the crash that the last process left behind.
    func countCrash() {
        guard let turn = marker.takeUnfinished() else { return }
        var row = crashes[turn.instance] ?? CrashRow(instance: turn.instance)
        let what: String
        switch turn.death {
        case .trapped:
            row.traps += 1
            what = "trapped (\(row.traps + row.timeouts) of \(Self.toleratedCrashes))"
        case .timedOut:
            row.timeouts += 1
            what = "was ended by the turn time-out (\(row.traps + row.timeouts) of \(Self.toleratedCrashes))"
        case .killed:
            row.kills += 1
            what = "was killed (\(row.kills) of \(Self.toleratedKills))"
        }
        crashes[turn.instance] = row
        draft.crashes.append(row)
        logger.error(
            "The last process \(what) in a turn of this instance; its turns are committed alone now.",
            metadata: ["instance": "\(turn.instance)"]
        )
    }

    /// A turn that is about to be committed did not end the process: what was counted before is forgiven.
    func clearCrashes(_ commit: inout JournalCommit) {
        guard !crashes.isEmpty else { return }
        for id in draft.touched.map(\.row.id) + draft.forgiven where crashes.removeValue(forKey: id) != nil {
            commit.crashesCleared.append(id)
        }
    }

    /// Runs `body` in a commit of its own when it is about an instance in whose turns the process has died: what its
    /// neighbours have done is on disk before, and waits for nothing after.
    func alone(
        _ id: InstanceID?,
        _ body: () throws(JournalError) -> Void
    ) throws(JournalError) -> Effects {
        var effects = Effects()
        let isSuspect = id.map { crashes[$0] != nil } ?? false
        if isSuspect { effects.add(try cut()) }
        try body()
        if isSuspect { effects.add(try cut()) }
        return effects
    }

    /// Looks at the instances for which something waited when the partition was taken.
    func applyWaiting() throws(JournalError) -> Effects {
        var effects = Effects()
        for id in waiting {
            do {
                effects.add(
                    try alone(id) { () throws(JournalError) in
                        guard let instance = try instance(id) else { return }
                        if id.isEntity {
                            try drain(instance)
                        } else if instance.row.runtimeStatus != .suspended {
                            try wake(instance)
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
