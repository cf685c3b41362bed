public import Reprise

/// What can go wrong in a hub in memory, and nowhere else.
extension RepriseError.Code {
    /// Nothing can happen any more, and the orchestration has not ended: the message says what it waits for.
    public static let stuck = Self(rawValue: "Stuck")
    /// Simulated time went as far as it was allowed to, and something is still due.
    public static let timeLimit = Self(rawValue: "TimeLimit")
    /// Steps follow steps without end and without time passing.
    public static let endless = Self(rawValue: "Endless")
    /// An orchestrator called an activity that the hub neither has nor has a stub for.
    public static let unknownActivity = Self(rawValue: "UnknownActivity")
    /// A file cannot be read, or is no history.
    public static let unreadableHistory = Self(rawValue: "UnreadableHistory")
    /// The engine broke its own contract: a bug of Reprise.
    public static let engine = Self(rawValue: "Engine")
}
