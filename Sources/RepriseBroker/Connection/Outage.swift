import RabbitMQ
import Synchronization

/// What keeps a program from its broker: each cause is reported once, and so is the end of the outage.
///
/// An unavailable broker is reported once, however often it is tried. That it refuses the password once it is back is
/// another cause.
package final class Outage: Sendable {
    private struct State {
        var said: Set<String> = []
        var cause: String?
    }

    private let state = Mutex(State())

    package init() {}

    /// Why the last attempt failed; nil when none has since the last end.
    package var cause: String? { state.withLock { $0.cause } }

    /// True for a new cause, which is to be reported.
    package func note(_ error: any Error) -> Bool {
        state.withLock { state in
            state.cause = (error as? RabbitMQError)?.message ?? "\(error)"
            return state.said.insert(Self.kind(error)).inserted
        }
    }

    /// True when there was an outage that is over now.
    package func end() -> Bool {
        state.withLock { state in
            defer { state = State() }
            return state.cause != nil
        }
    }

    private static func kind(_ error: any Error) -> String {
        switch error {
        case let error as RabbitMQError: "\(error.code)"
        case let error as HubError: error.underlying.map { "\($0.code)" } ?? error.message
        default: "\(type(of: error))"
        }
    }
}
