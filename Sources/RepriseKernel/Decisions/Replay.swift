/// The law of replay: after each event that history applied, the orchestrator must decide what history says it decided.
package enum Replay {
    /// One event that reached the instance, and the decisions that history recorded after it.
    package struct Step: Equatable, Sendable {
        package var record: HistoryRecord
        package var decisions: [HistoryEvent]
    }

    /// Cuts history into steps. What belongs to no comparison, as custom status, is left out, and so is what a rewind
    /// has undone.
    package static func steps(of history: some Sequence<HistoryRecord>) -> [Step] {
        var steps: [Step] = []
        for record in history {
            guard record.event.isReplayed else { continue }
            if case .executionRewound(_, let undone) = record.event { Rewind.undo(undone, in: &steps) }
            if record.event.isDecision, !steps.isEmpty {
                steps[steps.count - 1].decisions.append(record.event)
            } else {
                steps.append(Step(record: record, decisions: []))
            }
        }
        return steps
    }

    /// The first difference between what history recorded after `step` and what the code decided now; nil when none.
    package static func difference(after step: Step, decided: [Decision]) -> Failure? {
        // What a rewind handed out once more was no decision of the code's.
        if case .executionRewound = step.record.event { return nil }
        let decisions = decided.filter(\.isCompared)
        for (index, decision) in decisions.enumerated() {
            guard index < step.decisions.count else {
                return divergence(after: step, recorded: "nothing more", decided: decision.description)
            }
            let recorded = step.decisions[index]
            guard decision.matches(recorded) else {
                return divergence(after: step, recorded: recorded.summary, decided: decision.description)
            }
        }
        if decisions.count < step.decisions.count {
            return divergence(after: step, recorded: step.decisions[decisions.count].summary, decided: "nothing more")
        }
        return nil
    }

    /// History applied an event that the code does not wait for.
    package static func unexpected(_ event: HistoryEvent) -> Failure {
        Failure(
            type: Failure.Kind.nonDeterministic,
            message: "history applied the \(event.summary), but the orchestrator's code does not wait for it now",
            details: advice,
            isNonRetriable: true
        )
    }

    private static func divergence(after step: Step, recorded: String, decided: String) -> Failure {
        Failure(
            type: Failure.Kind.nonDeterministic,
            message:
                "after the \(step.record.event.summary) history recorded: \(recorded); the code decided: \(decided)",
            details: advice,
            isNonRetriable: true
        )
    }

    private static let advice = """
        An orchestrator must take the same decisions whenever it is replayed. Either its code changed while this \
        instance ran, or it depends on something outside the context: the clock, random numbers, files, the network, \
        the order of a dictionary or set.
        """
}
