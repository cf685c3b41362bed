public import Reprise

/// What can go wrong only in an in-memory hub.
extension RepriseError.Code {
    /// Nothing more can happen, and the orchestration has not ended: the message says what it is waiting for.
    public static let stuck = Self(rawValue: "Stuck")
    /// Simulated time reached its limit, and something is still due.
    public static let timeLimit = Self(rawValue: "TimeLimit")
    /// Steps follow each other endlessly without time passing.
    public static let endless = Self(rawValue: "Endless")
    /// An orchestrator called an activity that the hub neither has nor has a stub for.
    public static let unknownActivity = Self(rawValue: "UnknownActivity")
    /// A file cannot be read, or is not a history.
    public static let unreadableHistory = Self(rawValue: "UnreadableHistory")
    /// The engine broke its own contract: a bug in Reprise.
    public static let engine = Self(rawValue: "Engine")
}
