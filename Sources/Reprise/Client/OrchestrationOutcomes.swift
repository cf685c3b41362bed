public import RepriseKernel

/// An orchestration whose result was waited for has failed.
public struct OrchestrationFailed: Error, Sendable, Equatable, CustomStringConvertible {
    /// The instance.
    public let id: InstanceID
    /// Its orchestrator.
    public let orchestrator: String
    /// Its failure as text: type, message and causes.
    public let reason: String
    /// The failure itself, where the client receives it: from an in-memory hub. A gateway gives it only as text.
    public let failure: Failure?

    /// The end of an instance, for test doubles of a client.
    public init(id: InstanceID, orchestrator: String, reason: String, failure: Failure? = nil) {
        self.id = id
        self.orchestrator = orchestrator
        self.reason = reason
        self.failure = failure
    }

    public var description: String { "'\(id)' (\(orchestrator)) failed: \(reason)" }
}

/// An orchestration whose result was waited for was canceled.
public struct OrchestrationCanceled: Error, Sendable, Equatable, CustomStringConvertible {
    /// The instance.
    public let id: InstanceID
    /// Its orchestrator.
    public let orchestrator: String
    /// As for ``OrchestrationTerminated``.
    public let reason: String

    /// The end of an instance, for test doubles of a client.
    public init(id: InstanceID, orchestrator: String, reason: String) {
        (self.id, self.orchestrator, self.reason) = (id, orchestrator, reason)
    }

    public var description: String { "'\(id)' (\(orchestrator)) was canceled" + (reason.isEmpty ? "" : ": \(reason)") }
}

/// An orchestration whose result was waited for was terminated.
public struct OrchestrationTerminated: Error, Sendable, Equatable, CustomStringConvertible {
    /// The instance.
    public let id: InstanceID
    /// Its orchestrator.
    public let orchestrator: String
    /// As text, or JSON where the reason was another value; empty when none was given.
    public let reason: String

    /// The end of an instance, for test doubles of a client.
    public init(id: InstanceID, orchestrator: String, reason: String) {
        self.id = id
        self.orchestrator = orchestrator
        self.reason = reason
    }

    public var description: String {
        "'\(id)' (\(orchestrator)) was terminated" + (reason.isEmpty ? "" : ": \(reason)")
    }
}

/// An orchestration did not end within the time the caller waited. It keeps running.
public struct ResultTimedOut: Error, Sendable, Equatable, CustomStringConvertible {
    /// The instance.
    public let id: InstanceID
    /// How long the caller waited.
    public let timeout: Duration
    /// What it is waiting for, as text, where the client knows: with an in-memory hub.
    public let state: String?

    /// A wait that timed out, for test doubles of a client.
    public init(id: InstanceID, timeout: Duration, state: String? = nil) {
        self.id = id
        self.timeout = timeout
        self.state = state
    }

    public var description: String {
        guard let state else { return "'\(id)' has not ended within \(timeout)" }
        return "\(state), and has not ended within \(timeout)"
    }
}
