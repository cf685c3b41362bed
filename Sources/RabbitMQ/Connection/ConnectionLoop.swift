import CRabbitMQ

/// The life of a connection's thread: the only place that calls librabbitmq after the login.
///
/// ```
///          ┌─▶ receive every frame that is there
///          │   give up calls whose time is over
///          │   take what other threads have posted
///          │   hand out deliveries, settlements, events
///          │   send: answers, acks, requests, publications
///          └── wait for the socket, the doorbell, or the next deadline
/// ```
///
/// Not `Sendable`: it is created on its thread and never leaves it.
final class ConnectionLoop {
    /// Frames that must be sent soon and belong to no request.
    enum UrgentFrame {
        case channelCloseOK(UInt16)
        case flowOK(UInt16, active: Bool)
        case cancelOK(UInt16, tag: String)
        case cancel(UInt16, tag: String)
    }

    /// The orderly end.
    struct ClosingHandshake {
        /// Until then queued publications and acks are still sent.
        var drainUntil: UInt64
        var deadline: UInt64
        var isSent = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let core: ConnectionCore
    let connection: OpaquePointer
    /// Where it has logged in.
    let address: BrokerAddress
    let watch: SocketWatchdog.Watch
    let onEvent: @Sendable (RabbitMQConnectionEvent) -> Void
    let channelMax: Int
    /// Half a heartbeat in nanoseconds, 0 without heartbeats: how often librabbitmq must get a chance to send one.
    let tick: UInt64

    var channels: [UInt16: ChannelState] = [:]
    /// The highest number that was ever in use.
    var highestChannel: UInt16 = 0
    var byID: [UInt64: ChannelState] = [:]
    var control = FIFO<UrgentFrame>()
    /// The broker's reason while it blocks the connection.
    var blocked: String?
    /// No publication counts as late before this time: the broker has just stopped blocking the connection.
    var confirmsDue: UInt64 = 0
    var closing: ClosingHandshake?
    /// Something is waiting to be sent and the socket accepts nothing now.
    var isGated = false
    /// Frames or publications were left for the next round.
    var hasMore = false

    init(core: ConnectionCore, onEvent: @escaping @Sendable (RabbitMQConnectionEvent) -> Void) throws(RabbitMQError) {
        let login = try core.configuration.login()
        let connection = login.connection
        let heartbeat = UInt64(max(0, rmq_heartbeat_s(connection))) * 1_000_000_000
        // The time after which the heartbeat itself would have ended the connection.
        let limit = heartbeat == 0 ? 15_000_000_000 : 2 * heartbeat
        let watch = SocketWatchdog.Watch(breaker: rmq_breaker_open(connection), limit: limit)
        do throws(RabbitMQError) {
            try SocketWatchdog.shared.add(watch)
        } catch {
            rmq_connection_free(connection)
            throw error
        }
        core.serverProperties = RabbitMQTable(wire: rmq_server_properties(connection), depth: 1) ?? [:]
        core.address = login.address
        self.core = core
        address = login.address
        self.onEvent = onEvent
        self.connection = connection
        self.watch = watch
        channelMax = Int(rmq_channel_max(connection))
        tick = heartbeat / 2
    }

    func run() {
        let reason: RabbitMQError
        do throws(RabbitMQError) {
            while true {
                hasMore = false
                try receive()
                expireCalls()
                perform(core.take())
                expirePublications()
                closeAbandoned()
                for channel in channels.values { channel.flush() }
                try send()
                try advanceClosing()
                wait()
            }
        } catch {
            reason = closing == nil ? error : Self.closedByUs
            if closing == nil { core.leaveBroker() }
        }
        finish(reason)
    }

    /// There is more than this round takes: the next begins at once.
    func goOn() { hasMore = true }

    /// Runs one function of librabbitmq under the watchdog's supervision.
    func guarded(_ call: () -> Int32) throws(RabbitMQError) -> Int32 {
        watch.enter()
        let status = call()
        watch.leave()
        if status < 0 { throw failure(status) }
        return status
    }

    private func wait() {
        var timeout: Int32 = -1
        if hasMore || rmq_has_buffered(connection) {
            timeout = 0
        } else {
            let now = rmq_now()
            var next = tick > 0 ? now + tick : UInt64.max
            for channel in channels.values {
                next = min(next, channel.calls.nextDeadline ?? .max)
                if blocked == nil { next = min(next, max(channel.publications.nextDeadline, confirmsDue)) }
            }
            if let closing { next = min(next, closing.isSent ? closing.deadline : closing.drainUntil) }
            // Rounded up; otherwise the last millisecond would be spent spinning.
            if next != .max { timeout = Int32(clamping: (next - min(now, next) + 999_999) / 1_000_000) }
        }
        let hasRung = rmq_wait(connection, core.doorbell.descriptor, timeout, isGated)
        if hasRung { core.doorbell.silence() }
    }

    private func failure(_ status: Int32) -> RabbitMQError {
        let endpoint = core.configuration.place(of: address)
        let detail = String(cString: rmq_status_text(status))
        if watch.hasFired {
            return RabbitMQError(
                .stalled,
                "A write to \(endpoint) made no progress for two heartbeats: the broker reads nothing. The connection was broken off."
            )
        }
        switch rmq_failure_of(status) {
        case RMQ_FAILED_HEARTBEAT:
            return RabbitMQError(
                .heartbeatTimeout,
                "The broker at \(endpoint) was silent for two heartbeats: it hangs, or the network is gone."
            )
        case RMQ_FAILED_PROTOCOL:
            return RabbitMQError(.protocolViolation, "\(endpoint) sent something that is not AMQP 0-9-1 (\(detail)).")
        case RMQ_FAILED_TOO_BIG:
            return RabbitMQError(.tooLarge, "Something did not fit into a frame (\(detail)).")
        default:
            return RabbitMQError(.connectionLost, "The connection to \(endpoint) broke (\(detail)).")
        }
    }

    static let closedByUs = RabbitMQError(.closed, "This side closed the connection.")

    /// Tells every waiter and listener, exactly once, and frees the connection.
    private func finish(_ reason: RabbitMQError) {
        SocketWatchdog.shared.remove(watch)
        let commands = core.finish(reason)
        for channel in channels.values { channel.end(reason) }
        for command in commands {
            switch command {
            case .call(_, .closeChannel, let completion): completion.resume(returning: .success(.done))
            case .call(_, _, let completion): completion.resume(returning: .failure(reason))
            case .close(let waiter): waiter?.resume()
            case .ready, .abandon: break
            }
        }
        for channel in channels.values {
            for call in channel.calls.removeAll() { call.token?.resume(returning: .success(.done)) }
        }
        rmq_connection_free(connection)
        onEvent(.closed(reason))
        core.tellEnd()
        for waiter in closing?.waiters ?? [] { waiter.resume() }
    }
}
