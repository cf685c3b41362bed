import CRabbitMQ

/// A descriptor that any thread rings and one thread waits for.
final class Doorbell: Sendable {
    let descriptor: Int32

    init() throws(RabbitMQError) {
        descriptor = rmq_doorbell_open()
        if descriptor < 0 { throw RabbitMQError(.overloaded, "The process has no file descriptors left.") }
    }

    deinit { rmq_doorbell_close(descriptor) }

    func ring() { rmq_doorbell_ring(descriptor) }

    func silence() { rmq_doorbell_silence(descriptor) }
}
