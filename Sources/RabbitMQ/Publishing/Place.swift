/// Where a publication goes, for messages to people.
struct Place: CustomStringConvertible {
    private let exchange: String
    private let routingKey: String

    init(_ publication: RabbitMQPublication) {
        exchange = publication.exchange
        routingKey = publication.routingKey
    }

    var description: String {
        exchange.isEmpty ? "the queue “\(routingKey)”" : "the exchange “\(exchange)” with the key “\(routingKey)”"
    }

    /// Of what was sent, and not confirmed in time.
    var unconfirmed: RabbitMQError {
        RabbitMQError(.unconfirmed, "The broker did not confirm in time what was sent to \(self).")
    }

    /// Of what was late before it was sent.
    var unsent: RabbitMQError {
        RabbitMQError(.unsent, "What goes to \(self) could not be sent in time: the broker takes no more.")
    }
}
