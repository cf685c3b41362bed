import Logging
import RabbitMQ
import Synchronization

/// What a node knows of destinations that do not confirm, for all its partitions: logged once when it begins, and once
/// when it is over.
final class SilentDestinations: Sendable {
    private let state = Mutex(SilenceTable())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    var table: SilenceTable { state.withLock { $0 } }

    func late(_ publication: RabbitMQPublication) {
        guard state.withLock({ $0.late(publication, at: .now) }) else { return }
        let who =
            publication.exchange.isEmpty
            ? "it has no leader, or hangs"
            : "a queue bound to it with a key such as '\(publication.routingKey)' takes nothing"
        logger.warning(
            """
            \(SilenceTable.Destination(publication)) does not confirm what is sent to it: \(who). A few messages at a time \
            are tried there until it does; all else goes on. See 'rabbitmqctl list_bindings' and 'list_queues name state'
            """
        )
    }

    func confirmed(_ publication: RabbitMQPublication) {
        guard let lasted = state.withLock({ $0.confirmed(publication, at: .now) }) else { return }
        logger.notice("\(SilenceTable.Destination(publication)) confirms again, after \(lasted.components.seconds) s")
    }
}
