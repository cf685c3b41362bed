public import RepriseKernel

/// The first decision in which code parts from a recorded history.
public struct ReplayDifference: Error, Sendable, Equatable, CustomStringConvertible {
    /// The instance whose history it is.
    public let instance: InstanceID
    /// The orchestrator whose code was replayed.
    public let orchestrator: String
    /// The place in history, from 1, of the event that the code decided otherwise about, or has nothing for.
    public let eventNumber: Int
    /// The event that the code was given before: `result of task #1`.
    public let after: String
    /// What history recorded; nil when nothing more.
    public let recorded: String?
    /// What the code decided; nil when nothing more.
    public let decided: String?
    let message: String
    /// What an instance with this history would fail with on a node that has this code; nil when only what is passed on
    /// is another, which a node lets pass.
    public let failure: Failure?

    /// All of it in a sentence: `event 7 of 'trip-1' (Trip): after the result of task #1 history recorded: …`.
    public var description: String {
        "event \(eventNumber) of '\(instance)' (\(orchestrator)): \(message)"
    }
}
