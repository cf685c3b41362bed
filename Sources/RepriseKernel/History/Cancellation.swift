/// A cancellation that an instance was asked for: its code is told, and may clean up for a while.
package struct Cancellation: Equatable, Sendable {
    /// Why, for people.
    package var reason: Payload
    /// The grace period: how long the clean-up may take, from when the code is told.
    package var grace: Duration
    /// Whether the sub-orchestrations that it waits for are canceled too, and theirs.
    package var children: Bool
    /// When the grace period is over; nil until the code has been told.
    package var deadline: Timestamp?

    package init(reason: Payload, grace: Duration, children: Bool = false, deadline: Timestamp? = nil) {
        self.reason = reason
        self.grace = grace
        self.children = children
        self.deadline = deadline
    }

    /// For whose type says nothing else: as long as one activity may take, where RabbitMQ's `consumer_timeout` is its
    /// default.
    package static let standardGrace = Duration.seconds(1_800)
    /// The longest that can be asked for.
    package static let longestGrace = Duration.seconds(366 * 86_400)

    /// Why a grace period cannot be asked for; nil for one that can.
    package static func refusal(of grace: Duration) -> Rejection? {
        guard grace >= .zero, grace <= longestGrace else {
            return Rejection(
                .invalid,
                "a grace period is from 0 s to \(longestGrace.components.seconds) s, not \(grace)"
            )
        }
        return nil
    }
}
