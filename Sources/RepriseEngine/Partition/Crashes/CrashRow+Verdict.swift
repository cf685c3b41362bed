import RepriseKernel

extension CrashRow {
    /// Crashes that the code itself caused; deaths of other nodes count like them once one of these is known.
    static let toleratedCrashes = 3
    /// Consecutive deaths of other nodes in trial turns, when the reason of none is known.
    private static let toleratedTrials = 5
    /// Deaths of the process that may have had any cause.
    static let toleratedKills = 10

    /// Why its instance must not run any more: the process died in its turns too often.
    func verdict(turnTimeout: Duration) -> Failure? {
        let known = traps + timeouts
        if trials >= Self.toleratedTrials || (known > 0 && known + trials >= Self.toleratedCrashes) {
            if trials > 0 { return fatal() }
            return timeouts > traps ? timedOut(turnTimeout) : trapped()
        }
        return kills >= Self.toleratedKills ? killed() : nil
    }

    private func trapped() -> Failure {
        let timeouts = self.timeouts > 0 ? ", and \(self.timeouts) of its turns did not end in time" : ""
        return Failure(
            type: Failure.Kind.trapped,
            message: "the orchestrator's code trapped the process \(traps) times\(timeouts)",
            details: """
                A trap is a crash that Swift does not let code catch: a failed precondition, an index out of range, \
                an overflow, a nil that was unwrapped, a stack that ran out. The node's log shows where. \
                Correct the code, start the node again and rewind the instance.
                """,
            isNonRetriable: true
        )
    }

    /// Several nodes died of it, one after another.
    private func fatal() -> Failure {
        Failure(
            type: Failure.Kind.trapped,
            message: """
                nodes died \(traps + timeouts + trials) times, one after the other, while a turn of the \
                orchestrator's instance '\(instance)' ran
                """,
            details: """
                Either its code traps the process (a failed precondition, an index out of range, an overflow, a nil that \
                was unwrapped), or it does not end its turn, or it takes all the memory there is. The nodes' logs \
                show which. Correct the code, start the nodes again and rewind the instance.
                """,
            isNonRetriable: true
        )
    }

    private func timedOut(_ limit: Duration) -> Failure {
        let traps = self.traps > 0 ? ", and its code trapped the process \(self.traps) times" : ""
        return Failure(
            type: Failure.Kind.turnTimedOut,
            message: """
                \(timeouts) turns of the orchestrator's instance '\(instance)' did not end within the turn \
                timeout of \(limit)\(traps)
                """,
            details: """
                A turn is what the code does between two awaits of the context. It must not loop forever, wait for \
                a lock or sleep; work that takes long belongs into an activity. \
                Correct the code, start the node again and rewind the instance.
                """,
            isNonRetriable: true
        )
    }

    private func killed() -> Failure {
        Failure(
            type: Failure.Kind.killed,
            message: "the process was killed \(kills) times while a turn of this instance ran",
            details: """
                Nothing says that the orchestrator's code is the reason. It is if it takes all the memory there is, \
                or ends the process itself. Rewind the instance to let it go on.
                """,
            isNonRetriable: true
        )
    }
}
