/// Where a publication goes, for messages to people.
struct Place: CustomStringConvertible {
    private let exchange: String
    private let routingKey: String

    init(_ publication: RabbitMQPublication) {
        exchange = publication.exchange
        routingKey = publication.routingKey
    }

    var description: String {
        exchange.isEmpty ? "the queue '\(routingKey)'" : "the exchange '\(exchange)' with the key '\(routingKey)'"
    }

    /// For what was sent and not confirmed in time.
    var unconfirmed: RabbitMQError {
        RabbitMQError(.unconfirmed, "The broker did not confirm in time a message sent to \(self).")
    }

    /// For what was late before it was sent.
    var unsent: RabbitMQError {
        RabbitMQError(.unsent, "A message to \(self) could not be sent in time: the broker accepts no more.")
    }
}
