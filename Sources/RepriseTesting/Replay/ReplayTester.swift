public import Foundation
import Logging
public import Reprise
package import RepriseKernel

/// Runs recorded histories against today's code: whether instances that are under way would go on with it.
///
/// ```swift
/// let tester = try ReplayTester(orchestrators: [ReserveTicket()])
/// #expect(try tester.check(Data(contentsOf: file)) == nil)
/// ```
/// What is compared, and how, is what a node compares when it replays an instance: the decisions by kind, number and
/// name, in order. A history is what `reprise history --json` exports, or ``TestHub/exportHistory(of:)``; it may be of an
/// instance that has ended, or of one that still runs. Nothing is sent, and no activity runs.
public struct ReplayTester: Sendable {
    private let orchestrators: [String: RegisteredOrchestrator]
    private let limits: Limits
    /// Whether inputs of tasks, their attempts and the times of timers must agree, too, which code may change.
    private let comparesInputs: Bool

    /// - Parameters:
    ///   - orchestrators: today's code; the last of one name wins.
    ///   - comparingInputs: whether the inputs of what is called and the times of timers must agree, too. A node lets code
    ///     change them.
    ///   - customStatusLimit: as configured for the nodes.
    /// - Throws: ``TestHubError`` for a name that breaks its rules.
    public init(
        orchestrators: [any Orchestrator],
        comparingInputs: Bool = false,
        customStatusLimit: Int = 16_384
    ) throws(TestHubError) {
        var limits = Limits()
        limits.customStatusBytes = customStatusLimit
        self.init(try HubCode.byName(orchestrators), comparingInputs: comparingInputs, limits: limits)
    }

    package init(_ orchestrators: [String: RegisteredOrchestrator], comparingInputs: Bool, limits: Limits) {
        self.orchestrators = orchestrators
        self.limits = limits
        comparesInputs = comparingInputs
    }

    /// The first difference between a history and what the code does now; nil when they agree.
    ///
    /// - Parameter history: the JSON that `reprise history --json` writes.
    /// - Throws: ``TestHubError``: `unreadableHistory`; `unknownOrchestrator` when its code is not given here.
    public func check(_ history: Data) throws(TestHubError) -> ReplayDifference? {
        try check(Self.read(history))
    }

    static func read(_ data: Data) throws(TestHubError) -> RecordedHistory {
        do {
            return try HistoryJSON.decode(Array(data))
        } catch {
            throw TestHubError(.unreadableHistory, error.description)
        }
    }

    package func check(_ history: RecordedHistory) throws(TestHubError) -> ReplayDifference? {
        // Nothing that code decided: an entity's, or one that has not begun.
        guard let name = history.orchestrator else { return nil }
        guard let orchestrator = orchestrators[name] else {
            let known = orchestrators.keys.sorted().joined(separator: ", ")
            throw TestHubError(
                .unknownOrchestrator,
                "the history of '\(history.instance)' is of the orchestrator '\(name)'; given are: \(known)"
            )
        }
        let session = OrchestrationSession(
            identity: ExecutionIdentity(instance: history.instance, name: name, incarnation: history.incarnation),
            orchestrator: orchestrator,
            limits: limits,
            logger: Logger(label: "reprise.replay", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        defer { session.evict() }
        for step in Replay.steps(of: history.records) {
            let turn = session.replay(step)
            // The engine ended it here: what the code decided in that turn was dropped.
            if step.isVerdict { return nil }
            if let problem = turn.problem {
                return ReplayDifference(history, name, problem: problem, at: step)
            }
            if let difference = Replay.difference(after: step, decided: turn.decisions) {
                return ReplayDifference(history, name, difference)
            }
            if comparesInputs, let index = step.changedInput(turn.decisions) {
                return ReplayDifference(history, name, changedInputOf: index, at: step)
            }
        }
        return nil
    }
}

extension RecordedHistory {
    fileprivate var orchestrator: String? {
        records.lazy.compactMap { if case .executionStarted(let start) = $0.event { start.name } else { nil } }.first
    }
}

extension Replay.Step {
    /// Whether the engine itself ended the execution here.
    fileprivate var isVerdict: Bool {
        if case .executionFailed(let failure)? = decisions.last {
            Failure.Kind.verdicts.contains(failure.type)
        } else {
            false
        }
    }

    /// The first decision that agrees by the law of replay, but for what it passes on.
    fileprivate func changedInput(_ decided: [Decision]) -> Int? {
        for (index, decision) in decided.filter(\.isCompared).enumerated() where index < decisions.count {
            let isSame =
                switch (decision, decisions[index]) {
                case (.scheduleTask(let request), .taskScheduled(let task)):
                    request.input == task.input && request.attempt == task.attempt
                        && request.target == task.target.asDecided
                case (.createTimer(_, let fireAt), .timerCreated(_, let due)): fireAt == due
                default: true
                }
            if !isSame { return index }
        }
        return nil
    }
}

extension TaskTarget {
    /// Code does not know which request its lock goes by.
    fileprivate var asDecided: TaskTarget {
        if case .entity(let entity, let section?) = self {
            .entity(entity, section: LockNumber(section.task))
        } else {
            self
        }
    }
}

extension ReplayDifference {
    fileprivate init(_ history: RecordedHistory, _ orchestrator: String, _ difference: Replay.Difference) {
        let step = difference.step
        let isRecorded = difference.index < step.decisions.count
        self.init(
            instance: history.instance,
            orchestrator: orchestrator,
            eventNumber: isRecorded
                ? step.decisionNumbers[difference.index] : (step.decisionNumbers.last ?? step.number) + 1,
            after: step.record.event.summary,
            recorded: difference.recorded?.summary,
            decided: difference.decided?.description,
            message: difference.failure.message,
            failure: difference.failure
        )
    }

    /// The code did what no orchestrator may do, or does not wait for what came.
    fileprivate init(
        _ history: RecordedHistory,
        _ orchestrator: String,
        problem: Failure,
        at step: Replay.Step
    ) {
        self.init(
            instance: history.instance,
            orchestrator: orchestrator,
            eventNumber: step.number,
            after: step.record.event.summary,
            recorded: step.record.event.summary,
            decided: nil,
            message: problem.message,
            failure: problem
        )
    }

    fileprivate init(
        _ history: RecordedHistory,
        _ orchestrator: String,
        changedInputOf index: Int,
        at step: Replay.Step
    ) {
        let what = step.decisions[index].summary
        self.init(
            instance: history.instance,
            orchestrator: orchestrator,
            eventNumber: step.decisionNumbers[index],
            after: step.record.event.summary,
            recorded: what,
            decided: what,
            message:
                "after the \(step.record.event.summary) history recorded: \(what); the code decides it with another input or time",
            failure: nil
        )
    }
}
