import Logging
import RepriseKernel

extension Partition {
    /// Crashes that the code itself caused; deaths of other nodes count like them once one of these is known.
    static let toleratedCrashes = 3
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
}
