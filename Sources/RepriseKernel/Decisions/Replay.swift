/// The rule of replay: after each event that history applied, the orchestrator must make the decisions that history
/// recorded.
package enum Replay {
    /// One event that reached the instance, and the decisions that history recorded after it.
    package struct Step: Equatable, Sendable {
        package let record: HistoryRecord
        /// The record's place in history, from 1.
        package let number: Int
        package private(set) var decisions: [HistoryEvent] = []
        /// The places of the decisions.
        package private(set) var decisionNumbers: [Int] = []
        /// The custom status after the step, whatever the code would set now.
        package fileprivate(set) var customStatus: Payload

        init(_ record: HistoryRecord, number: Int, customStatus: Payload) {
            self.record = record
            self.number = number
            self.customStatus = customStatus
        }

        mutating func add(_ decision: HistoryEvent, number: Int) {
            decisions.append(decision)
            decisionNumbers.append(number)
        }

        /// A rewind undoes the failure of the execution.
        mutating func removeFailure() {
            guard case .executionFailed? = decisions.last else { return }
            decisions.removeLast()
            decisionNumbers.removeLast()
        }
    }

    /// Where the code differs from history.
    package struct Difference: Equatable, Sendable {
        package var step: Step
        /// Which of the step's decisions.
        package var index: Int
        /// What the code decided there; nil for nothing more.
        package var decided: Decision?

        /// What history recorded there; nil for nothing more.
        package var recorded: HistoryEvent? { index < step.decisions.count ? step.decisions[index] : nil }

        package var failure: Failure {
            let recorded = recorded?.summary ?? "nothing more"
            let decided = decided?.description ?? "nothing more"
            return Failure(
                type: Failure.Kind.nonDeterministic,
                message:
                    "after the \(step.record.event.summary) history recorded: \(recorded); the code decided: \(decided)",
                details: advice,
                isNonRetriable: true
            )
        }
    }

    /// Splits history into steps. What is not compared is left out, and so is what a rewind has undone; each step keeps
    /// only its last custom status.
    package static func steps(of history: some Sequence<HistoryRecord>) -> [Step] {
        var steps: [Step] = []
        var customStatus = Payload.null
        for (index, record) in history.enumerated() {
            switch record.event {
            case .executionStarted(let start): customStatus = start.customStatus
            case .customStatusSet(let status):
                customStatus = status
                if !steps.isEmpty { steps[steps.count - 1].customStatus = status }
            default: break
            }
            guard record.event.isReplayed else { continue }
            if case .executionRewound(_, let undone) = record.event { Rewind.undo(undone, in: &steps) }
            if record.event.isDecision, !steps.isEmpty {
                steps[steps.count - 1].add(record.event, number: index + 1)
            } else {
                steps.append(Step(record, number: index + 1, customStatus: customStatus))
            }
        }
        return steps
    }

    /// The first difference between what history recorded after `step` and what the code decided now; nil when none.
    package static func difference(after step: Step, decided: [Decision]) -> Difference? {
        // What a rewind handed out again, at once or with the lock that it needed, was not a decision of the code.
        switch step.record.event {
        case .executionRewound, .taskStarted: return nil
        default: break
        }
        let decisions = decided.filter(\.isCompared)
        for index in 0..<max(decisions.count, step.decisions.count) {
            let decision = index < decisions.count ? decisions[index] : nil
            if let decision, index < step.decisions.count, decision.matches(step.decisions[index]) { continue }
            return Difference(step: step, index: index, decided: decision)
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

    private static let advice = """
        An orchestrator must take the same decisions whenever it is replayed. Either its code changed while this \
        instance ran, or it depends on something outside the context: the clock, random numbers, files, the network, \
        the order of a dictionary or set.
        """
}
