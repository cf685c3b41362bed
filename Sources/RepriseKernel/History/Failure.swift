/// Why an orchestration or an activity failed: a value that is recorded in history and crosses every boundary.
public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of failure: a Swift type's name, or whatever a worker in another language calls it.
    public var type: String
    /// What went wrong: a sentence for people.
    public var message: String
    /// Anything else that helps to find the cause: a stack trace, a diagnosis.
    public var details: String?
    /// True when a retry policy must not try again.
    public var isNonRetriable: Bool
    /// The failure behind this one.
    public var cause: Failure? {
        get { causes.first }
        set { causes = newValue.map { [$0] } ?? [] }
    }
    private var causes: [Failure]

    /// A failure to throw from an activity, an orchestrator or an entity. Very long texts are cut when it is recorded.
    public init(
        type: String,
        message: String,
        details: String? = nil,
        isNonRetriable: Bool = false,
        cause: Failure? = nil
    ) {
        self.type = type
        self.message = message
        self.details = details
        self.isNonRetriable = isNonRetriable
        self.causes = cause.map { [$0] } ?? []
    }

    /// The same failure cut to a size that any message can carry: it is recorded and published whole or not at all.
    package var bounded: Failure {
        func cut(_ text: String, _ limit: Int) -> String {
            text.utf8.count <= limit ? text : String(text.prefix(limit / 4)) + " … (cut)"
        }
        var failure = self
        var depth = 0
        var next = cause
        var kept: [Failure] = []
        while let one = next, depth < 8 {
            kept.append(one)
            next = one.cause
            depth += 1
        }
        failure.type = cut(type, 1_024)
        failure.message = cut(message, 65_536)
        failure.details = details.map { cut($0, 65_536) }
        failure.cause = kept.reversed().reduce(nil as Failure?) { inner, outer in
            var outer = outer
            outer.type = cut(outer.type, 1_024)
            outer.message = cut(outer.message, 16_384)
            outer.details = outer.details.map { cut($0, 16_384) }
            outer.cause = inner
            return outer
        }
        return failure
    }

    /// `type: message`, then each cause: its message, unless that has been said.
    public var description: String {
        var text = "\(type): \(message)"
        var (said, next) = (message, cause)
        while let cause = next {
            text += " (caused by \(cause.type)" + (said.hasSuffix(cause.message) ? ")" : ": \(cause.message))")
            (said, next) = (cause.message, cause.cause)
        }
        return text
    }
}

extension Failure {
    /// The types of failure that Reprise itself gives; the rest come from user code.
    package enum Kind {
        package static let nonDeterministic = "NonDeterministicOrchestrator"
        package static let stalled = "StalledOrchestrator"
        package static let trapped = "OrchestratorTrapped"
        package static let turnTimedOut = "OrchestratorTurnTimedOut"
        package static let killed = "OrchestratorKilled"
        package static let foreignExecutor = "LeftOrchestratorExecutor"
        package static let unknownActivity = "UnknownActivity"
        package static let damagedHistory = "DamagedHistory"
        package static let workerLost = "ActivityWorkerLost"
        package static let tooLarge = "PayloadTooLarge"
        package static let tooManyDecisions = "TooManyDecisions"
        package static let canceled = "Canceled"
        package static let unreadable = "UnreadablePayload"
        package static let eventTimeout = "EventTimeout"
        package static let terminated = "Terminated"
        package static let notStarted = "SubOrchestrationNotStarted"
        package static let scheduleToStart = "ScheduleToStartTimeout"
        package static let startToClose = "StartToCloseTimeout"
        package static let heartbeat = "HeartbeatTimeout"
        package static let versionMismatch = "VersionMismatch"
        package static let historyTooLong = "HistoryTooLong"
        package static let unknownEntity = "UnknownEntity"
        package static let unknownOperation = "UnknownOperation"
        package static let lockingRules = "LockingRulesViolation"
        package static let answerLost = "AnswerLost"

        /// Given by the engine, not the code, to an execution whose code it refused to run further.
        package static let verdicts = [
            nonDeterministic, stalled, trapped, turnTimedOut, killed, foreignExecutor, damagedHistory, tooManyDecisions,
            versionMismatch, historyTooLong,
        ]
    }
}
