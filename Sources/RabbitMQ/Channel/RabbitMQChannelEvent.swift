/// What happens on a channel. Handed to `onEvent` on the connection's own thread, in order.
public enum RabbitMQChannelEvent: Sendable {
    /// All that one wake of the thread brought: never empty.
    case deliveries([RabbitMQDelivery])
    /// The fate of publications, in the order in which it became known: never empty.
    case settled([RabbitMQSettlement])
    /// The broker ended a consumer, because its queue was deleted.
    case consumerCancelled(tag: String)
    /// The broker asks to pause (`false`) or resume publications; the channel obeys by itself.
    case flow(active: Bool)
    /// Comes exactly once, and last. Whatever was unsettled has been settled as undecided just before.
    case closed(RabbitMQError)
}
