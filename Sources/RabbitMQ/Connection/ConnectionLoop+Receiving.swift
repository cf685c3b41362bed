import CRabbitMQ

extension ConnectionLoop {
    /// How many frames one round reads, so that sending gets its turn.
    private static var framesPerRound: Int { 4_096 }

    func receive() throws(RabbitMQError) {
        var frame = rmq_frame()
        for _ in 0..<Self.framesPerRound {
            let taken = try guarded { rmq_receive(connection, &frame) }
            if taken == 0 { return }
            if frame.channel == 0 {
                try receiveOnConnection(frame)
            } else if let channel = channels[frame.channel] {
                try receive(frame, on: channel)
            } else if frame.channel > highestChannel {
                // Each number costs librabbitmq memory.
                throw RabbitMQError(
                    .protocolViolation,
                    "The broker used the channel \(frame.channel), which was never opened."
                )
            }
            // Otherwise a late frame of a channel that has just been closed.
        }
        goOn()
    }

    private func receiveOnConnection(_ frame: rmq_frame) throws(RabbitMQError) {
        switch frame.kind {
        case RMQ_FRAME_BLOCKED: setBlocked(frame.text.text)
        case RMQ_FRAME_UNBLOCKED: setBlocked(nil)
        case RMQ_FRAME_CONNECTION_CLOSE_OK: throw Self.closedByUs
        case RMQ_FRAME_CONNECTION_CLOSE:
            let error = RabbitMQError(
                RabbitMQError.Code(replyCode: frame.code),
                "The broker closed the connection: \(frame.text.text).",
                replyCode: frame.code
            )
            if rmq_can_send(connection) { _ = try? guarded { rmq_send_connection_close_ok(connection) } }
            throw error
        default:
            throw RabbitMQError(
                .protocolViolation,
                "The broker sent the method \(frame.class_id).\(frame.method_id) on channel 0."
            )
        }
    }

    private func setBlocked(_ reason: String?) {
        guard blocked != reason else { return }
        blocked = reason
        if reason == nil { confirmsDue = rmq_now() + core.configuration.confirmTimeout.nanoseconds }
        for channel in channels.values {
            channel.core.setBlocked(reason)
            channel.flush()
        }
        onEvent(reason.map { .blocked(reason: $0) } ?? .unblocked)
    }

    private func receive(_ frame: rmq_frame, on channel: ChannelState) throws(RabbitMQError) {
        if channel.isClosing, frame.kind != RMQ_FRAME_CHANNEL_CLOSE, !Self.isAnswer(frame.kind) { return }
        switch frame.kind {
        case RMQ_FRAME_DELIVER, RMQ_FRAME_GET_OK, RMQ_FRAME_RETURN, RMQ_FRAME_HEADER, RMQ_FRAME_BODY:
            try receiveContent(frame, on: channel)
        case RMQ_FRAME_ACK: try settle(frame, as: .confirmed, on: channel)
        case RMQ_FRAME_NACK: try settle(frame, as: .rejected, on: channel)
        case RMQ_FRAME_CANCEL:
            let tag = frame.consumer_tag.text
            if !frame.no_wait { sendSoon(.cancelOK(channel.number, tag: tag)) }
            channel.flush()
            if channel.orphans.removeValue(forKey: tag) == nil { channel.emit(.consumerCancelled(tag: tag)) }
        case RMQ_FRAME_FLOW:
            sendSoon(.flowOK(channel.number, active: frame.active))
            channel.publications.isPaused = !frame.active
            channel.flush()
            channel.emit(.flow(active: frame.active))
        case RMQ_FRAME_CHANNEL_CLOSE: closeByBroker(channel, frame)
        default: try receiveAnswer(frame, on: channel)
        }
    }

    private static func isAnswer(_ kind: rmq_frame_kind) -> Bool {
        kind.rawValue >= RMQ_FRAME_CHANNEL_OPEN_OK.rawValue || kind == RMQ_FRAME_OTHER
    }

    private func settle(_ frame: rmq_frame, as outcome: RabbitMQPublishOutcome, on channel: ChannelState)
        throws(RabbitMQError)
    {
        var settled: [ConfirmWindow.Settled] = []
        try channel.publications.settle(frame.delivery_tag, multiple: frame.multiple, as: outcome, into: &settled)
        channel.resolve(settled)
    }

    private func closeByBroker(_ channel: ChannelState, _ frame: rmq_frame) {
        sendSoon(.channelCloseOK(channel.number))
        channel.acknowledgements = FIFO()
        if channel.isClosing {
            // Both sides at once. If our own close is on its way, the broker still answers it; if not, it must not go.
            if case .closeChannel? = channel.calls.current?.request { return }
            for call in channel.calls.removeAll() { call.token?.resume(returning: .success(.done)) }
            return
        }
        channel.isClosing = true
        let code = RabbitMQError.Code(replyCode: frame.code)
        let text = frame.text.text
        let request = channel.calls.current?.request.name
        let what =
            request.map { "The broker closed the channel, probably because of \($0)" }
            ?? "The broker closed the channel"
        channel.end(RabbitMQError(code, "\(what): \(text).", replyCode: frame.code))
        // Nothing in progress will be answered; the number is free once close-ok is sent.
        _ = channel.calls.removeAll()
    }

    private func receiveAnswer(_ frame: rmq_frame, on channel: ChannelState) throws(RabbitMQError) {
        switch channel.calls.answer(frame.kind) {
        case .isUnexpected:
            throw RabbitMQError(
                .protocolViolation,
                "The broker sent the method \(frame.class_id).\(frame.method_id) without a request."
            )
        case .comesTooLate(let request): undo(request, frame, on: channel)
        case .completes(let call):
            if case .closeChannel = call.request { forget(channel) }
            if case .openChannel = call.request { channel.isOpen = !channel.core.confirms }
            if case .selectConfirms = call.request { channel.isOpen = true }
            // The waiter must find that everything before the answer has arrived.
            channel.flush()
            call.token?.resume(returning: .success(Self.reply(frame)))
        }
    }

    private static func reply(_ frame: rmq_frame) -> Reply {
        switch frame.kind {
        case RMQ_FRAME_QUEUE_DECLARE_OK:
            .queueDeclared(
                RabbitMQQueueInfo(
                    name: frame.text.text,
                    messageCount: Int(frame.message_count),
                    consumerCount: Int(frame.consumer_count)
                )
            )
        case RMQ_FRAME_QUEUE_DELETE_OK, RMQ_FRAME_QUEUE_PURGE_OK: .messageCount(Int(frame.message_count))
        case RMQ_FRAME_CONSUME_OK: .consuming(tag: frame.consumer_tag.text)
        case RMQ_FRAME_GET_EMPTY: .got(nil)
        default: .done
        }
    }

    /// The broker carried out what its caller had given up: its effect must be undone.
    private func undo(_ request: Request, _ frame: rmq_frame, on channel: ChannelState) {
        switch request {
        case .closeChannel: forget(channel)
        case .openChannel: close(channel.core, nil)
        case .consume(let consumer):
            let tag = frame.consumer_tag.text
            channel.orphans[tag] = consumer.noAck
            sendSoon(.cancel(channel.number, tag: tag))
        default: break
        }
    }
}
