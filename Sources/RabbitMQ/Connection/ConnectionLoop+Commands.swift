import CRabbitMQ

extension ConnectionLoop {
    func perform(_ commands: [ConnectionCore.Command]) {
        for command in commands {
            switch command {
            case .ready(let channel):
                if let state = byID[channel.id] { state.absorb(channel.take()) }
            case .call(let channel, .openChannel, let completion): open(channel, completion)
            case .call(let channel, .closeChannel, let completion): close(channel, completion)
            case .call(let channel, let request, let completion): submit(request, to: channel, completion)
            case .abandon(let channel): byID[channel.id]?.isAbandoned = true
            case .close(let waiter): beginClosing(waiter)
            }
        }
    }

    private var callDeadline: UInt64 { rmq_now() + core.configuration.rpcTimeout.nanoseconds }

    private func open(_ channel: ChannelCore, _ completion: ConnectionCore.Completion) {
        if let error = blockedError(.openChannel) { return completion.resume(returning: .failure(error)) }
        guard let number = (1...UInt16(clamping: max(1, channelMax))).first(where: { channels[$0] == nil }) else {
            let error = RabbitMQError(
                .notAllowed,
                "All \(channelMax) channels that the broker allows on a connection are open."
            )
            return completion.resume(returning: .failure(error))
        }
        let state = ChannelState(core: channel, number: number, configuration: core.configuration)
        highestChannel = max(highestChannel, number)
        channels[number] = state
        byID[channel.id] = state
        state.calls.add(.openChannel, token: completion, deadline: callDeadline)
    }

    /// The number may be used again.
    func forget(_ channel: ChannelState) {
        channels[channel.number] = nil
        byID[channel.core.id] = nil
    }

    private func submit(_ request: Request, to channel: ChannelCore, _ completion: ConnectionCore.Completion) {
        guard let state = byID[channel.id], !state.isClosing else {
            let reason = channel.closeReason ?? RabbitMQError(.closed, "The channel is closed.")
            return completion.resume(returning: .failure(reason))
        }
        if let error = blockedError(request) { return completion.resume(returning: .failure(error)) }
        state.calls.add(request, token: completion, deadline: callDeadline)
    }

    /// Acks handed in before are still sent, then the broker is asked to close the channel.
    func close(_ channel: ChannelCore, _ completion: ConnectionCore.Completion?) {
        guard let state = byID[channel.id], !state.isClosing else {
            completion?.resume(returning: .success(.done))
            return
        }
        state.isClosing = true
        state.end(RabbitMQError(.closed, "This side closed the channel."))
        // The broker is not reading now; do not wait for it.
        let waiter = blocked == nil ? completion : nil
        state.calls.add(.closeChannel, token: waiter, deadline: callDeadline)
        if waiter == nil { completion?.resume(returning: .success(.done)) }
    }

    /// Closes the channels whose handles are released and that have sent everything.
    func closeAbandoned() {
        for channel in channels.values where channel.isAbandoned && !channel.isClosing && channel.publications.isIdle {
            close(channel.core, nil)
        }
    }

    /// Why a request is not even sent.
    private func blockedError(_ request: Request) -> RabbitMQError? {
        guard let blocked else { return nil }
        return RabbitMQError(
            .blocked,
            "The broker blocks the connection (\(blocked)), so \(request.name) would get no answer. Try again when it is unblocked."
        )
    }

    func expireCalls() {
        let now = rmq_now()
        for channel in channels.values {
            guard let deadline = channel.calls.nextDeadline, deadline <= now else { continue }
            for call in channel.calls.expire(now: now) {
                let error =
                    blockedError(call.request)
                    ?? RabbitMQError(
                        .timedOut,
                        "The broker did not answer within \(core.configuration.rpcTimeout) to \(call.request.name). It may still do it."
                    )
                call.token?.resume(returning: .failure(error))
            }
        }
    }

    private func beginClosing(_ waiter: CheckedContinuation<Void, Never>?) {
        let now = rmq_now()
        var current = closing ?? ClosingHandshake(drainUntil: now + 1_000_000_000, deadline: now + 2_000_000_000)
        if let waiter { current.waiters.append(waiter) }
        closing = current
    }

    /// Starts the closing handshake once everything that can be sent is sent; throws when it is time to leave.
    func advanceClosing() throws(RabbitMQError) {
        guard let closing else { return }
        let now = rmq_now()
        if blocked != nil || now >= closing.deadline { throw Self.closedByUs }
        guard !closing.isSent else { return }
        let isDrained =
            control.isEmpty && channels.values.allSatisfy { $0.acknowledgements.isEmpty && $0.publications.isIdle }
        guard isDrained || now >= closing.drainUntil else { return }
        guard rmq_can_send(connection) else { throw Self.closedByUs }
        _ = try guarded { rmq_send_connection_close(connection) }
        self.closing?.isSent = true
    }
}
