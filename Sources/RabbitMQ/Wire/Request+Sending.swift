import CRabbitMQ

extension Request {
    /// Writes the method; returns a status of librabbitmq.
    func send(on channel: UInt16, of connection: OpaquePointer) -> Int32 {
        defer { rmq_forget(connection) }
        let wire = Encoder(connection: connection)
        switch self {
        case .openChannel: return rmq_send_channel_open(connection, channel)
        case .closeChannel: return rmq_send_channel_close(connection, channel)
        case .selectConfirms: return rmq_send_confirm_select(connection, channel)
        case .declareExchange(let exchange):
            return rmq_send_exchange_declare(
                connection,
                channel,
                wire.text(exchange.name),
                wire.text(exchange.kind),
                exchange.passive,
                exchange.durable,
                exchange.autoDelete,
                exchange.isInternal,
                wire.table(exchange.arguments)
            )
        case .deleteExchange(let name, let ifUnused):
            return rmq_send_exchange_delete(connection, channel, wire.text(name), ifUnused)
        case .declareQueue(let queue):
            return rmq_send_queue_declare(
                connection,
                channel,
                wire.text(queue.name),
                queue.passive,
                queue.durable,
                queue.exclusive,
                queue.autoDelete,
                wire.table(queue.arguments)
            )
        case .deleteQueue(let name, let ifUnused, let ifEmpty):
            return rmq_send_queue_delete(connection, channel, wire.text(name), ifUnused, ifEmpty)
        case .purgeQueue(let name): return rmq_send_queue_purge(connection, channel, wire.text(name))
        case .bindExchange(let binding): return wire.send(binding, channel, rmq_send_exchange_bind)
        case .unbindExchange(let binding): return wire.send(binding, channel, rmq_send_exchange_unbind)
        case .bindQueue(let binding): return wire.send(binding, channel, rmq_send_queue_bind)
        case .unbindQueue(let binding): return wire.send(binding, channel, rmq_send_queue_unbind)
        case .setPrefetch(let count): return rmq_send_qos(connection, channel, count)
        case .consume(let consumer):
            return rmq_send_consume(
                connection,
                channel,
                wire.text(consumer.queue),
                wire.text(consumer.tag),
                consumer.noAck,
                consumer.exclusive,
                wire.table(consumer.arguments)
            )
        case .cancel(let tag): return rmq_send_cancel(connection, channel, wire.text(tag), false)
        case .get(let queue, let noAck): return rmq_send_get(connection, channel, wire.text(queue), noAck)
        }
    }

    /// Whether a frame of this kind is the broker's answer.
    func isAnswered(by kind: rmq_frame_kind) -> Bool {
        switch self {
        case .openChannel: kind == RMQ_FRAME_CHANNEL_OPEN_OK
        case .closeChannel: kind == RMQ_FRAME_CHANNEL_CLOSE_OK
        case .selectConfirms: kind == RMQ_FRAME_CONFIRM_SELECT_OK
        case .declareExchange: kind == RMQ_FRAME_EXCHANGE_DECLARE_OK
        case .deleteExchange: kind == RMQ_FRAME_EXCHANGE_DELETE_OK
        case .bindExchange: kind == RMQ_FRAME_EXCHANGE_BIND_OK
        case .unbindExchange: kind == RMQ_FRAME_EXCHANGE_UNBIND_OK
        case .declareQueue: kind == RMQ_FRAME_QUEUE_DECLARE_OK
        case .deleteQueue: kind == RMQ_FRAME_QUEUE_DELETE_OK
        case .purgeQueue: kind == RMQ_FRAME_QUEUE_PURGE_OK
        case .bindQueue: kind == RMQ_FRAME_QUEUE_BIND_OK
        case .unbindQueue: kind == RMQ_FRAME_QUEUE_UNBIND_OK
        case .setPrefetch: kind == RMQ_FRAME_QOS_OK
        case .consume: kind == RMQ_FRAME_CONSUME_OK
        case .cancel: kind == RMQ_FRAME_CANCEL_OK
        case .get: kind == RMQ_FRAME_GET_OK || kind == RMQ_FRAME_GET_EMPTY
        }
    }
}

extension Encoder {
    typealias BindingMethod = (
        OpaquePointer, UInt16, rmq_bytes, rmq_bytes, rmq_bytes, UnsafeRawPointer?
    ) -> Int32

    func send(_ binding: Binding, _ channel: UInt16, _ method: BindingMethod) -> Int32 {
        method(
            connection,
            channel,
            text(binding.destination),
            text(binding.source),
            text(binding.routingKey),
            table(binding.arguments)
        )
    }
}
