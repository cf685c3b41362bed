import CRabbitMQ

/// The requests of one channel: one is in progress, the others wait. A pure value.
///
/// The broker answers in order and without naming the request, so requests cannot overtake each other. A request that
/// got no answer in time stays in progress without a waiter: its answer may still come and must not be taken for the
/// next one's.
struct CallQueue<Token> {
    struct Call {
        var request: Request
        /// The waiter; `nil` when there is none.
        var token: Token?
        /// In nanoseconds of the monotonic clock.
        var deadline: UInt64
    }

    enum Answer {
        case completes(Call)
        /// The call was given up: no one is waiting for this answer any longer.
        case comesTooLate(Request)
        case isUnexpected
    }

    private var waiting: [Call] = []
    private(set) var current: Call?
    private var isGivenUp = false

    var isEmpty: Bool { current == nil && waiting.isEmpty }

    mutating func add(_ request: Request, token: Token?, deadline: UInt64) {
        waiting.append(Call(request: request, token: token, deadline: deadline))
    }

    /// Takes the next request to send, if none is in progress.
    mutating func start() -> Request? {
        guard current == nil, !waiting.isEmpty else { return nil }
        let call = waiting.removeFirst()
        current = call
        isGivenUp = false
        return call.request
    }

    mutating func answer(_ kind: rmq_frame_kind) -> Answer {
        guard let call = current, call.request.isAnswered(by: kind) else { return .isUnexpected }
        current = nil
        return isGivenUp ? .comesTooLate(call.request) : .completes(call)
    }

    /// Gives up every call whose time is over, and returns those. The waiter of a channel's close gives up, but the
    /// close is still sent when its turn comes: what the channel holds must not outlive its user.
    mutating func expire(now: UInt64) -> [Call] {
        var expired: [Call] = []
        if let call = current, !isGivenUp, call.deadline <= now {
            isGivenUp = true
            expired.append(call)
        }
        expired += waiting.filter { $0.deadline <= now }
        waiting = waiting.compactMap { call in
            guard call.deadline <= now else { return call }
            guard case .closeChannel = call.request else { return nil }
            return Call(request: .closeChannel, token: nil, deadline: .max)
        }
        return expired
    }

    var nextDeadline: UInt64? {
        let currents = isGivenUp ? nil : current?.deadline
        return (waiting.map(\.deadline) + [currents].compactMap(\.self)).filter { $0 < .max }.min()
    }

    /// Gives up everything, including the request in progress.
    mutating func removeAll() -> [Call] {
        defer { self = CallQueue() }
        return (isGivenUp ? [] : [current].compactMap(\.self)) + waiting
    }

    /// Gives up what waits; the request in progress stays so, without a waiter.
    mutating func giveUp() -> [Call] {
        var calls = waiting
        waiting = []
        if let call = current, !isGivenUp {
            isGivenUp = true
            calls.insert(call, at: 0)
        }
        return calls
    }
}
