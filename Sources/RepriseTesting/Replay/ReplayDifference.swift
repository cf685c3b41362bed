public import RepriseKernel

/// The first decision in which code differs from a recorded history.
public struct ReplayDifference: Error, Sendable, Equatable, CustomStringConvertible {
    /// The instance whose history it is.
    public let instance: InstanceID
    /// The orchestrator whose code was replayed.
    public let orchestrator: String
    /// The number, from 1, of the event in history for which the code decided something else, or nothing.
    public let eventNumber: Int
    /// The event that the code was given last: `result of task #1`.
    public let after: String
    /// What history recorded; nil for nothing more.
    public let recorded: String?
    /// What the code decided; nil for nothing more.
    public let decided: String?
    let message: String
    /// How an instance with this history would fail on a node with this code; nil when only what is passed on differs,
    /// which a node allows.
    public let failure: Failure?

    /// Everything in one sentence: `event 7 of 'trip-1' (Trip): after the result of task #1 history recorded: …`.
    public var description: String {
        "event \(eventNumber) of '\(instance)' (\(orchestrator)): \(message)"
    }
}
