/// What one channel has to publish, in order: what waits, and what was sent and is not settled. A pure value.
struct PublishQueue {
    /// A publication to be sent now.
    struct Departure {
        var item: QueuedPublication
        var sequence: UInt64?
    }

    private let limit: ConnectionConfiguration.PublishLimit
    private let confirms: Bool
    private var waiting = FIFO<QueuedPublication>()
    /// Waits for nothing but the socket.
    private var urgent = FIFO<QueuedPublication>()
    private var window = ConfirmWindow()
    /// The broker asked for a pause.
    var isPaused = false

    init(limit: ConnectionConfiguration.PublishLimit, confirms: Bool) {
        self.limit = limit
        self.confirms = confirms
    }

    var isIdle: Bool { waiting.isEmpty && urgent.isEmpty }

    /// Queues what can be sent; what cannot is settled at once.
    mutating func add(_ items: [QueuedPublication], into settled: inout [ConfirmWindow.Settled]) {
        for item in items {
            if let refusal = item.refusal {
                settled.append(.init(id: item.publication.id, waiter: item.waiter, outcome: .undecided(refusal)))
            } else if item.publication.urgent {
                urgent.append(item)
            } else {
                waiting.append(item)
            }
        }
    }

    /// Takes the next publication, if the window has room for it: an urgent one always.
    mutating func next() -> Departure? {
        guard !isPaused else { return nil }
        if let item = urgent.popFirst() {
            return Departure(item: item, sequence: confirms ? window.add(item).sequence : nil)
        }
        guard let first = waiting.first else { return nil }
        guard confirms else { return waiting.popFirst().map { Departure(item: $0, sequence: nil) } }
        let fits = window.messages < limit.messages && window.bytes + first.size <= limit.bytes
        guard fits || window.messages == 0, let item = waiting.popFirst() else { return nil }
        return Departure(item: item, sequence: window.add(item).sequence)
    }

    mutating func settle(
        _ tag: UInt64,
        multiple: Bool,
        as outcome: PublishOutcome,
        into settled: inout [ConfirmWindow.Settled]
    ) throws(RabbitMQError) {
        try window.settle(tag, multiple: multiple, as: outcome, into: &settled)
    }

    /// Without confirms nobody waits for the outcome, so a return says nothing.
    mutating func returned(_ outcome: PublishOutcome, properties: Properties) throws(RabbitMQError) {
        if confirms { try window.returned(outcome, properties: properties) }
    }

    /// Gives everything up: first what was sent, then what waits.
    mutating func abandon(_ error: RabbitMQError, into settled: inout [ConfirmWindow.Settled]) {
        window.abandon(error, into: &settled)
        for item in urgent.removeAll() + waiting.removeAll() {
            settled.append(.init(id: item.publication.id, waiter: item.waiter, outcome: .undecided(error)))
        }
    }
}
