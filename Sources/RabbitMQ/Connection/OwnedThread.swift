import CRabbitMQ

/// A thread outside of Swift's cooperative pool, for calls that may block.
enum OwnedThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// - Throws: `.overloaded` when the system cannot create a thread.
    static func start(_ run: @escaping @Sendable () -> Void) throws(RabbitMQError) {
        let body = Unmanaged.passRetained(Body(run))
        let error = rmq_thread_start({ Unmanaged<Body>.fromOpaque($0).takeRetainedValue().run() }, body.toOpaque())
        if error != 0 {
            body.release()
            throw RabbitMQError(.overloaded, "The system cannot create a thread (errno \(error)).")
        }
    }
}
