import RabbitMQ

extension RabbitMQChannel {
    /// Makes the exchange of an announcement, which older hubs do not have yet, and a queue that hears all of it for as long
    /// as this connection lives.
    func declareListener(_ queue: String, of exchange: String) async throws(RabbitMQError) {
        try await declareExchange(exchange, kind: .fanout)
        try await declareQueue(
            queue,
            durable: false,
            exclusive: true,
            autoDelete: true,
            arguments: QueueArguments.listener
        )
        try await bindQueue(queue, to: exchange)
    }
}
