import CRabbitMQ

/// A publication inside the module: checked, measured, and with its waiter.
struct QueuedPublication: Sendable {
    var publication: RabbitMQPublication
    /// Its approximate size on the wire, which the limits count.
    var size: Int
    /// When its confirm is late, on the clock of `rmq_now`.
    var deadline: UInt64
    /// Why it can never be sent.
    var refusal: RabbitMQError?
    /// The waiter for the outcome, in place of the channel's events.
    var waiter: SettlementWaiter?

    init(
        _ publication: RabbitMQPublication,
        configuration: RabbitMQConnectionConfiguration,
        waiter: SettlementWaiter? = nil
    ) {
        self.publication = publication
        self.waiter = waiter
        deadline = rmq_now() + min((publication.confirmTimeout ?? configuration.confirmTimeout).nanoseconds, .max / 2)
        size = publication.message.body.count
        do throws(RabbitMQError) {
            size += try WireSize.check(publication, frameMax: configuration.frameMax)
            let body = publication.message.body.count
            if body > configuration.maximumBodySize {
                throw RabbitMQError(
                    .tooLarge,
                    "The body has \(body) bytes; this connection sends at most \(configuration.maximumBodySize)."
                )
            }
        } catch {
            refuse(error)
        }
    }

    /// Gives the publication up: it keeps its number and loses its content.
    mutating func refuse(_ error: RabbitMQError) {
        refusal = error
        publication.message = RabbitMQMessage()
        size = 0
    }
}
