import Logging
import Synchronization

/// What the broker says while it is short of memory or disk space: it then accepts no messages from any of a program's
/// connections.
package final class BrokerAlarm: Sendable {
    private struct State {
        var reasons: [UInt64: String] = [:]
        var nextConnection: UInt64 = 0
    }

    private let state = Mutex(State())

    /// What the broker lacks, in its own words (`low on memory`); nil while it takes messages.
    package var reason: String? { state.withLock { $0.reasons.values.first } }

    /// A number for a connection that may be blocked.
    func connection() -> UInt64 {
        state.withLock { state in
            state.nextConnection += 1
            return state.nextConnection
        }
    }

    /// Logs when the first connection is blocked and when the last one is unblocked.
    func set(_ reason: String?, of connection: UInt64, at place: String, _ logger: Logger?) {
        let (before, after) = state.withLock { state in
            let before = state.reasons.count
            state.reasons[connection] = reason
            return (before, state.reasons.count)
        }
        if before == 0, after > 0, let reason {
            logger?.warning("\(Self.sentence(reason, at: place))")
        } else if before > 0, after == 0 {
            logger?.notice("The broker at \(place) takes messages again, or is gone")
        }
    }

    /// What an alarm means, and what to do.
    package static func sentence(_ reason: String, at place: String) -> String {
        "the broker at \(place) takes no messages: \(reason). Make room there (rabbitmq-diagnostics alarms); all goes on "
            + "by itself then"
    }
}
