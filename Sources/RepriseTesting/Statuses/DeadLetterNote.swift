public import Foundation
public import Reprise

/// A message that could not be processed: an event for an instance that does not exist, a start of an unknown
/// orchestrator.
public struct DeadLetterNote: Sendable, Hashable, CustomStringConvertible {
    /// What it was: `event 'Go' for 'trip-1'`.
    public let message: String
    /// Why it could not be processed.
    public let reason: String
    /// The reason for programs, as in a refusal.
    public let code: RepriseError.Code
    /// When it happened, in simulated time.
    public let time: Date

    public var description: String { "\(message): \(reason)" }
}
