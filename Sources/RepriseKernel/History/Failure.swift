/// Why an orchestration or an activity failed: a value that is recorded in history and crosses every boundary.
public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of failure: a Swift type's name, or whatever a worker in another language calls it.
    public var type: String
    public var message: String
    /// What else helps to find the cause: a stack trace, a diagnosis.
    public var details: String?
    /// True when a retry policy must not try again.
    public var isNonRetriable: Bool
    /// The failure behind this one.
    public var cause: Failure? {
        get { causes.first }
        set { causes = newValue.map { [$0] } ?? [] }
    }
    private var causes: [Failure]

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

    /// `type: message`, then each cause.
    public var description: String {
        var text = "\(type): \(message)"
        var next = cause
        while let cause = next {
            text += " (caused by \(cause.type): \(cause.message))"
            next = cause.cause
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
        package static let foreignExecutor = "LeftOrchestratorExecutor"
        package static let unknownActivity = "UnknownActivity"
        package static let workerLost = "ActivityWorkerLost"
        package static let tooLarge = "PayloadTooLarge"
        package static let tooManyDecisions = "TooManyDecisions"
        package static let canceled = "Canceled"
        package static let unreadable = "UnreadablePayload"
        package static let eventTimeout = "EventTimeout"
    }
}
