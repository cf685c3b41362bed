import RabbitMQ

/// Destinations that a confirm was too late of, until one of them is confirmed again. A pure value.
///
/// A queue is one by itself, an exchange by its routing keys: a subscriber's queue may be bound to some of them only.
struct SilenceTable {
    struct Destination: Hashable, CustomStringConvertible {
        let exchange: String
        let queue: String

        init(_ publication: RabbitMQPublication) {
            exchange = publication.exchange
            queue = exchange.isEmpty ? publication.routingKey : ""
        }

        var description: String { exchange.isEmpty ? "the queue '\(queue)'" : "the exchange '\(exchange)'" }
    }

    private struct Silence {
        var since: ContinuousClock.Instant
        var keys: Set<String>
    }

    private static let most = 1_000

    private var all: [Destination: Silence] = [:]

    var isEmpty: Bool { all.isEmpty }

    func holds(_ publication: RabbitMQPublication) -> Bool {
        !all.isEmpty && all[Destination(publication)]?.keys.contains(publication.routingKey) == true
    }

    /// Notes a confirm that did not come in time; true when that is new for its destination.
    mutating func late(_ publication: RabbitMQPublication, at now: ContinuousClock.Instant) -> Bool {
        let destination = Destination(publication)
        guard all[destination] != nil || all.count < Self.most else { return false }
        let isNew = all[destination] == nil
        var silence = all[destination] ?? Silence(since: now, keys: [])
        if silence.keys.count < Self.most { silence.keys.insert(publication.routingKey) }
        all[destination] = silence
        return isNew
    }

    /// Notes a confirm; how long the silence lasted when this was the last of it.
    mutating func confirmed(_ publication: RabbitMQPublication, at now: ContinuousClock.Instant) -> Duration? {
        let destination = Destination(publication)
        guard var silence = all[destination], silence.keys.remove(publication.routingKey) != nil else { return nil }
        guard silence.keys.isEmpty else {
            all[destination] = silence
            return nil
        }
        all[destination] = nil
        return now - silence.since
    }
}
