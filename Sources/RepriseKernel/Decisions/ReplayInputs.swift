/// What happens to an instance whose code, when replayed, makes the recorded decisions but passes on something else.
///
/// What history recorded was passed on when the decision was made, and that stands: it is not sent again. But the
/// result then answers a different question from the one the code asks now.
public enum ReplayInputs: String, Sendable, CaseIterable {
    /// It continues, and the node logs once what differs: the code may have been changed on purpose.
    case warn
    /// It fails as `NonDeterministicOrchestrator`.
    case fail
    /// It continues, and the difference is not reported.
    case ignore
}

extension Replay {
    /// The first thing that code passes on differently from history, in a decision that is otherwise the same.
    package struct ChangedInput: Equatable, Sendable {
        package let step: Step
        /// Which of the step's decisions.
        package let index: Int
        /// Which part of it: its input, its receiver, its due time.
        package let what: String
        package let recorded: String
        package let decided: String

        package var decision: HistoryEvent { step.decisions[index] }

        /// As a sentence, with as much of both as fits.
        package var message: String {
            """
            after the \(step.record.event.summary) history recorded: \(decision.summary), \(what) \(recorded); \
            the code decided it with: \(decided)
            """
        }

        package var failure: Failure {
            Failure(type: Failure.Kind.nonDeterministic, message: message, details: Self.advice, isNonRetriable: true)
        }

        private static let advice = """
            An orchestrator must pass on the same whenever it is replayed. Either its code changed while this instance \
            ran, or it depends on something outside the context: the clock, random numbers, the order of a dictionary or \
            set. Nodes only warn of it unless REPRISE_REPLAY_INPUTS says otherwise.
            """
    }

    /// What the code passes on differently, in decisions that ``difference(after:decided:)`` finds the same; nil for
    /// nothing.
    ///
    /// Not compared are custom statuses, which code may always change and nothing comes back for, and outputs: no code
    /// runs after them.
    package static func changedInput(after step: Step, decided: [Decision]) -> ChangedInput? {
        switch step.record.event {
        case .executionRewound, .taskStarted: return nil
        default: break
        }
        var index = 0
        for decision in decided where decision.isCompared {
            guard index < step.decisions.count else { return nil }
            let recorded = step.decisions[index]
            if !decision.passesOn(as: recorded),
                let (was, now) = zip(recorded.passedOn, decision.passedOn).first(where: { $0.value != $1.value })
            {
                let (old, new) = Excerpt.both(was.value, now.value)
                return ChangedInput(step: step, index: index, what: was.name, recorded: old, decided: new)
            }
            index += 1
        }
        return nil
    }
}

/// A part of what a decision passes on.
private struct PassedOn {
    var name: String
    var value: [UInt8]

    init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }
}

extension Decision {
    /// The fast check, since it nearly always holds.
    fileprivate func passesOn(as event: HistoryEvent) -> Bool {
        switch (self, event) {
        case (.scheduleTask(let request), .taskScheduled(let task)):
            request.input == task.input && request.attempt == task.attempt
                && request.target == task.target.asDecided
        case (.send(let message), .messageSent(let recorded)): message == recorded
        case (.createTimer(_, let fireAt), .timerCreated(_, let due)): fireAt == due
        default: true
        }
    }

    fileprivate var passedOn: [PassedOn] {
        switch self {
        case .scheduleTask(let request): request.target.parts(input: request.input, attempt: request.attempt)
        case .send(let message): message.parts
        case .createTimer(_, let fireAt): [PassedOn("due", TimeText.milliseconds(fireAt))]
        case .cancelTimer, .abandonTask, .setCustomStatus, .complete, .fail, .cancel, .continueAsNew: []
        }
    }
}

extension HistoryEvent {
    fileprivate var passedOn: [PassedOn] {
        switch self {
        case .taskScheduled(let task): task.target.asDecided.parts(input: task.input, attempt: task.attempt)
        case .messageSent(let message): message.parts
        case .timerCreated(_, let fireAt): [PassedOn("due", TimeText.milliseconds(fireAt))]
        default: []
        }
    }
}

extension TaskTarget {
    /// Code does not know which request its lock belongs to.
    fileprivate var asDecided: TaskTarget {
        if case .entity(let entity, let section?) = self {
            .entity(entity, section: LockNumber(section.task))
        } else {
            self
        }
    }

    fileprivate func parts(input: Payload, attempt: Int) -> [PassedOn] {
        let target: [PassedOn] =
            switch self {
            case .activity: []
            case .orchestration(let child, let version, let tags, _, let policy):
                [
                    PassedOn("to", child.value), PassedOn("of version", version ?? "none"),
                    PassedOn("tagged", tags.text), PassedOn("with the parent-close policy", policy.rawValue),
                ]
            case .entity(let entity, let section):
                [PassedOn("to", entity.description), PassedOn("within lock", section.map { "#\($0.task)" } ?? "none")]
            case .lock(let entities): [PassedOn("of", entities.map(\.description).joined(separator: " "))]
            }
        return [PassedOn("with the input", input.bytes)] + target + [PassedOn("as attempt", String(attempt))]
    }
}

extension SentMessage {
    fileprivate var parts: [PassedOn] {
        let content: [PassedOn] =
            switch action {
            case .start(let start):
                [
                    PassedOn("with the input", start.input.bytes),
                    PassedOn("of version", start.version ?? "none"),
                    PassedOn("tagged", start.tags.text),
                    PassedOn("due", start.startTime.map(TimeText.milliseconds) ?? "at once"),
                    PassedOn("with the custom status", start.customStatus?.bytes ?? []),
                ]
            case .raiseEvent(_, let data): [PassedOn("with the data", data.bytes)]
            case .operate(let request):
                if case .operation(_, let input) = request.kind {
                    [
                        PassedOn("with the input", input.bytes),
                        PassedOn("due", request.due.map(TimeText.milliseconds) ?? "at once"),
                    ]
                } else {
                    []
                }
            case .cancel, .terminate, .suspend, .resume, .rewind, .restart, .purge, .resend: []
            }
        return content + [PassedOn("to", to.value)]
    }
}

extension [String: String] {
    fileprivate var text: String {
        isEmpty ? "nothing" : sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

/// As much of two texts as shows where they differ.
private enum Excerpt {
    private static let before = 40
    private static let length = 200

    static func both(_ a: [UInt8], _ b: [UInt8]) -> (String, String) {
        let common = zip(a, b).prefix { $0 == $1 }.count
        let start = common > before * 2 ? common - before : 0
        return (cut(a, start), cut(b, start))
    }

    private static func cut(_ bytes: [UInt8], _ start: Int) -> String {
        let end = min(bytes.count, start + length)
        let text = String(decoding: bytes[min(start, end)..<end], as: UTF8.self)
        return (start > 0 ? "…" : "") + text + (end < bytes.count ? "… (\(bytes.count) bytes)" : "")
    }
}
