import RabbitMQ

/// Destinations that a confirm was too late of, until one of them is confirmed again. A pure value.
///
/// A queue is one by itself, an exchange by its routing keys: a subscriber's queue may be bound to some of them only.
struct SuspectTable {
    struct Destination: Hashable, CustomStringConvertible {
        let exchange: String
        let queue: String

        init(_ publication: Publication) {
            exchange = publication.exchange
            queue = exchange.isEmpty ? publication.routingKey : ""
        }

        var description: String { exchange.isEmpty ? "the queue '\(queue)'" : "the exchange '\(exchange)'" }
    }

    private struct Suspicion {
        var since: ContinuousClock.Instant
        var keys: Set<String>
    }

    private static let most = 1_000

    private var all: [Destination: Suspicion] = [:]

    var isEmpty: Bool { all.isEmpty }

    func holds(_ publication: Publication) -> Bool {
        !all.isEmpty && all[Destination(publication)]?.keys.contains(publication.routingKey) == true
    }

    /// Notes a confirm that did not come in time; true when that is news of its destination.
    mutating func late(_ publication: Publication, at now: ContinuousClock.Instant) -> Bool {
        let destination = Destination(publication)
        guard all[destination] != nil || all.count < Self.most else { return false }
        let isNews = all[destination] == nil
        var suspicion = all[destination] ?? Suspicion(since: now, keys: [])
        if suspicion.keys.count < Self.most { suspicion.keys.insert(publication.routingKey) }
        all[destination] = suspicion
        return isNews
    }

    /// Notes a confirm; how long the suspicion lasted when this was the last of it.
    mutating func confirmed(_ publication: Publication, at now: ContinuousClock.Instant) -> Duration? {
        let destination = Destination(publication)
        guard var suspicion = all[destination], suspicion.keys.remove(publication.routingKey) != nil else { return nil }
        guard suspicion.keys.isEmpty else {
            all[destination] = suspicion
            return nil
        }
        all[destination] = nil
        return now - suspicion.since
    }
}
