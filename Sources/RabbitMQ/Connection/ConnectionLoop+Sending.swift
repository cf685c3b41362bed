import CRabbitMQ

extension ConnectionLoop {
    /// How many publications one round sends, so that receiving gets its turn.
    private static var publicationsPerRound: Int { 256 }

    /// Sends what there is, as long as the socket accepts it.
    ///
    /// Nothing is handed to librabbitmq before `rmq_can_send`: once inside, it waits for the peer indefinitely.
    func send() throws(RabbitMQError) {
        isGated = false
        // After the close there is nothing more to send.
        if let closing, closing.isSent { return }
        guard !control.isEmpty || channels.values.contains(where: \.hasSomethingToSend) else { return }
        var gate = Gate(connection: connection)
        while !control.isEmpty, gate.passes(64), let message = control.popFirst() { try send(message) }
        for channel in channels.values {
            while !channel.acknowledgements.isEmpty, gate.passes(32),
                let acknowledgement = channel.acknowledgements.popFirst()
            {
                try send(acknowledgement, on: channel.number)
            }
            // A closed channel has nothing to send but its own close, after its acks.
            while channel.acknowledgements.isEmpty, gate.passes(256), let request = channel.calls.start() {
                _ = try guarded { request.send(on: channel.number, of: connection) }
            }
        }
        if blocked == nil { try publish(&gate) }
        isGated = gate.isShut
    }

    /// Before all publications: what the protocol wants now.
    func sendSoon(_ frame: UrgentFrame) { control.append(frame) }

    /// A broker that blocks the connection announces it: nothing counts as late then, nor right afterwards.
    func expirePublications() {
        let now = rmq_now()
        guard blocked == nil, now >= confirmsDue else { return }
        for channel in channels.values { channel.expirePublications(now: now) }
    }

    private func publish(_ gate: inout Gate) throws(RabbitMQError) {
        var left = Self.publicationsPerRound
        let share = max(8, left / max(1, channels.count))
        for channel in channels.values {
            var messages = 0
            var bytes = 0
            defer { if messages > 0 { channel.core.sent(messages: messages, bytes: bytes) } }
            while messages < share, !channel.publications.isIdle, gate.passes(0),
                let departure = channel.publications.next()
            {
                messages += 1
                bytes += departure.item.size
                gate.spend(departure.item.size)
                try publish(departure, on: channel.number)
            }
            left -= messages
            if messages == share { goOn() }
            guard left > 0 else { return }
        }
    }

    private func publish(_ departure: PublishQueue.Departure, on channel: UInt16) throws(RabbitMQError) {
        let publication = departure.item.publication
        let wire = Encoder(connection: connection)
        var properties = wire.properties(publication.message.properties, sequence: departure.sequence)
        let exchange = wire.text(publication.exchange)
        let routingKey = wire.text(publication.routingKey)
        _ = try guarded {
            publication.message.body.withUnsafeBufferPointer { body in
                rmq_send_publish(
                    connection,
                    channel,
                    exchange,
                    routingKey,
                    publication.mandatory,
                    &properties,
                    body.baseAddress,
                    body.count
                )
            }
        }
        rmq_forget(connection)
    }

    private func send(_ acknowledgement: Acknowledgement, on channel: UInt16) throws(RabbitMQError) {
        let (tag, multiple) = (acknowledgement.tag, acknowledgement.multiple)
        _ = try guarded {
            switch acknowledgement.kind {
            case .ack: rmq_send_ack(connection, channel, tag, multiple)
            case .requeue: rmq_send_nack(connection, channel, tag, multiple, true)
            case .reject: rmq_send_nack(connection, channel, tag, multiple, false)
            }
        }
    }

    private func send(_ message: UrgentFrame) throws(RabbitMQError) {
        let wire = Encoder(connection: connection)
        defer { rmq_forget(connection) }
        switch message {
        case .flowOK(let channel, let active): _ = try guarded { rmq_send_flow_ok(connection, channel, active) }
        case .cancelOK(let channel, let tag):
            _ = try guarded { rmq_send_cancel_ok(connection, channel, wire.text(tag)) }
        case .cancel(let channel, let tag):
            _ = try guarded { rmq_send_cancel(connection, channel, wire.text(tag), true) }
        case .channelCloseOK(let number):
            _ = try guarded { rmq_send_channel_close_ok(connection, number) }
            // If this side has asked to close it as well, the broker's close-ok is still to come.
            if let channel = channels[number], channel.calls.isEmpty { forget(channel) }
        }
    }
}

/// Asks the kernel only now and then, rather than before every write, whether the socket accepts more.
private struct Gate {
    private static let bytesPerCheck = 64 * 1_024

    let connection: OpaquePointer
    private var unchecked = Gate.bytesPerCheck
    private(set) var isShut = false

    init(connection: OpaquePointer) { self.connection = connection }

    /// Whether this many bytes may be written now.
    mutating func passes(_ bytes: Int) -> Bool {
        if isShut { return false }
        if unchecked >= Self.bytesPerCheck {
            isShut = !rmq_can_send(connection)
            unchecked = 0
        }
        unchecked += bytes
        return !isShut
    }

    mutating func spend(_ bytes: Int) { unchecked += bytes }
}
