import CRabbitMQ

extension ConnectionLoop {
    func receiveContent(_ frame: rmq_frame, on channel: ChannelState) throws(RabbitMQError) {
        let content: ContentAssembler.Content?
        switch frame.kind {
        case RMQ_FRAME_HEADER:
            content = try channel.content.header(
                size: frame.body_size,
                properties: RabbitMQProperties(frame.properties)
            )
        case RMQ_FRAME_BODY: content = try channel.content.body(frame.body.buffer)
        default:
            try channel.content.begin(Self.origin(frame))
            content = nil
        }
        if let content { try complete(content, on: channel) }
    }

    private static func origin(_ frame: rmq_frame) -> ContentAssembler.Origin {
        switch frame.kind {
        case RMQ_FRAME_RETURN: .returned(code: frame.code, text: frame.text.text)
        case RMQ_FRAME_GET_OK:
            .fetched(
                tag: frame.delivery_tag,
                redelivered: frame.redelivered,
                exchange: frame.exchange.text,
                routingKey: frame.routing_key.text
            )
        default:
            .delivery(
                tag: frame.delivery_tag,
                consumerTag: frame.consumer_tag.text,
                redelivered: frame.redelivered,
                exchange: frame.exchange.text,
                routingKey: frame.routing_key.text
            )
        }
    }

    private func complete(_ content: ContentAssembler.Content, on channel: ChannelState) throws(RabbitMQError) {
        switch content.origin {
        case .returned(let code, let text):
            try channel.publications.returned(.returned(code: code, text: text), properties: content.properties)
        case .delivery(let tag, let consumerTag, let redelivered, let exchange, let routingKey):
            if !channel.orphans.isEmpty, let noAck = channel.orphans[consumerTag] {
                if !noAck {
                    channel.acknowledgements.append(Acknowledgement(tag: tag, multiple: false, kind: .requeue))
                }
                return
            }
            let delivery = RabbitMQDelivery(
                tag: tag,
                consumerTag: consumerTag,
                redelivered: redelivered,
                exchange: exchange,
                routingKey: routingKey,
                properties: content.properties,
                body: content.body
            )
            channel.collect(delivery)
        case .fetched(let tag, let redelivered, let exchange, let routingKey):
            let delivery = RabbitMQDelivery(
                tag: tag,
                consumerTag: "",
                redelivered: redelivered,
                exchange: exchange,
                routingKey: routingKey,
                properties: content.properties,
                body: content.body
            )
            try completeFetch(delivery, on: channel)
        }
    }

    private func completeFetch(_ delivery: RabbitMQDelivery, on channel: ChannelState) throws(RabbitMQError) {
        switch channel.calls.answer(RMQ_FRAME_GET_OK) {
        case .completes(let call):
            channel.flush()
            call.token?.resume(returning: .success(.got(delivery)))
        case .comesTooLate(.get(_, noAck: false)):
            channel.acknowledgements.append(Acknowledgement(tag: delivery.tag, multiple: false, kind: .requeue))
        case .comesTooLate: break
        case .isUnexpected: throw RabbitMQError(.protocolViolation, "The broker sent a message that was not requested.")
        }
    }
}
