/// The sizes a hub accepts. Refused at the edge, each with a sentence that names the limit, never in the middle.
package struct Limits: Sendable, Equatable {
    /// The largest message body, in bytes.
    package var bodyBytes = 1_048_576
    /// The largest custom status, in bytes of its JSON written as UTF-16.
    package var customStatusBytes = 16_384
    /// The most decisions (activities, timers, status changes) one turn of an orchestrator may take.
    package var decisionsPerTurn = 10_000
    /// The most early or suspended events that wait for one instance.
    package var pendingEvents = 1_000
    /// The most events that one partition holds for instances that do not exist yet, and the bytes they may take.
    package var heldEvents = 10_000
    package var heldBytes = 64 << 20

    package init() {}
}
