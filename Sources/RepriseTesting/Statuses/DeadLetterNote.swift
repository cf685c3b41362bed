public import Foundation
public import Reprise

/// A message that nobody could use: an event for nobody, a start of an orchestrator that nobody has.
public struct DeadLetterNote: Sendable, Hashable, CustomStringConvertible {
    /// What it was: `event 'Go' for 'trip-1'`.
    public let message: String
    /// Why nobody could use it.
    public let reason: String
    /// The reason for programs, as in a refusal.
    public let code: RepriseError.Code
    /// The simulated time of it.
    public let time: Date

    public var description: String { "\(message): \(reason)" }
}
