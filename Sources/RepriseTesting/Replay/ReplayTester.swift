public import Foundation
import Logging
public import Reprise
package import RepriseKernel

/// Runs recorded histories against today's code, to see whether running instances could continue with it.
///
/// ```swift
/// let tester = try ReplayTester(orchestrators: [ReserveTicket()])
/// #expect(try tester.check(Data(contentsOf: file)) == nil)
/// ```
/// What is compared, and how, is what a node compares when it replays an instance: the decisions by kind, number and
/// name, in order; and optionally what they pass on, about which a node only warns. A history is what `reprise history
/// --json` exports, or ``TestHub/exportHistory(of:)``; it may be of an instance that has ended, or of one still
/// running. Nothing is sent, and no activity runs.
public struct ReplayTester: Sendable {
    private let orchestrators: [String: RegisteredOrchestrator]
    private let limits: Limits
    /// Whether what decisions pass on, which code may change, must agree too.
    private let comparesInputs: Bool

    /// - Parameters:
    ///   - orchestrators: today's code.
    ///   - comparingInputs: whether what the decisions pass on (inputs, receivers, times) must agree, too. A node warns
    ///     about a difference unless its setting ``ReplayInputs`` says otherwise.
    ///   - customStatusLimit: as configured for the nodes.
    /// - Throws: ``RepriseError`` for a name that breaks its rules, or that is used twice.
    public init(
        orchestrators: [any Orchestrator],
        comparingInputs: Bool = false,
        customStatusLimit: Int = 16_384
    ) throws(RepriseError) {
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
    /// - Throws: ``RepriseError``: `unreadableHistory`; `unknownOrchestrator` when its code was not given to this
    ///   tester.
    public func check(_ history: Data) throws(RepriseError) -> ReplayDifference? {
        try check(Self.read(history))
    }

    static func read(_ data: Data) throws(RepriseError) -> RecordedHistory {
        do {
            return try HistoryJSON.decode(Array(data))
        } catch {
            throw RepriseError(.unreadableHistory, error.description)
        }
    }

    package func check(_ history: RecordedHistory) throws(RepriseError) -> ReplayDifference? {
        // No decisions of code: an entity's history, or of an instance that has not begun.
        guard let name = history.orchestrator else { return nil }
        guard let orchestrator = orchestrators[name] else {
            let known = orchestrators.keys.sorted().joined(separator: ", ")
            throw RepriseError(
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
            // The engine ended the execution here: what the code decided in that turn was dropped.
            if step.isVerdict { return nil }
            if let problem = turn.problem {
                return ReplayDifference(history, name, problem: problem, at: step)
            }
            if let difference = Replay.difference(after: step, decided: turn.decisions) {
                return ReplayDifference(history, name, difference)
            }
            if comparesInputs, let changed = Replay.changedInput(after: step, decided: turn.decisions) {
                return ReplayDifference(history, name, changed)
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

    /// The code did something no orchestrator may do, or does not wait for what came.
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

    fileprivate init(_ history: RecordedHistory, _ orchestrator: String, _ changed: Replay.ChangedInput) {
        self.init(
            instance: history.instance,
            orchestrator: orchestrator,
            eventNumber: changed.step.decisionNumbers[changed.index],
            after: changed.step.record.event.summary,
            recorded: changed.decision.summary,
            decided: changed.decision.summary,
            message: changed.message,
            failure: nil
        )
    }
}
