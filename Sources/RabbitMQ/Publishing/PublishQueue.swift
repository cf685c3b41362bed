/// What one channel has to publish, in order: what is waiting, and what was sent but not settled. A pure value.
struct PublishQueue {
    /// A publication to be sent now.
    struct Departure {
        var item: QueuedPublication
        var sequence: UInt64?
    }

    private let limit: RabbitMQConnectionConfiguration.PublishLimit
    private let confirms: Bool
    private var waiting = FIFO<QueuedPublication>()
    /// Waits only for the socket.
    private var urgent = FIFO<QueuedPublication>()
    private var window = ConfirmWindow()
    /// Nothing is late before this time: exact when last computed, and never too late since.
    private(set) var nextDeadline = UInt64.max
    /// The broker asked for a pause.
    var isPaused = false

    init(limit: RabbitMQConnectionConfiguration.PublishLimit, confirms: Bool) {
        self.limit = limit
        self.confirms = confirms
    }

    var isIdle: Bool { waiting.isEmpty && urgent.isEmpty }

    /// Queues what can be sent; what cannot is settled at once.
    mutating func add(_ items: [QueuedPublication], into settled: inout [ConfirmWindow.Settled]) {
        for item in items {
            if let refusal = item.refusal {
                settled.append(.init(id: item.publication.id, waiter: item.waiter, outcome: .undecided(refusal)))
            } else {
                nextDeadline = min(nextDeadline, item.deadline)
                if item.publication.urgent { urgent.append(item) } else { waiting.append(item) }
            }
        }
    }

    /// Gives up what is late: first what was sent, then what is waiting. Returns how many were never sent.
    mutating func expire(now: UInt64, into settled: inout [ConfirmWindow.Settled]) -> (messages: Int, bytes: Int) {
        guard nextDeadline <= now else { return (0, 0) }
        var unsent = (messages: 0, bytes: 0)
        window.expire(now: now, into: &settled)
        nextDeadline = window.nextDeadline
        for queue in [\PublishQueue.urgent, \PublishQueue.waiting] {
            for item in self[keyPath: queue].removeAll() {
                if item.deadline > now {
                    nextDeadline = min(nextDeadline, item.deadline)
                    self[keyPath: queue].append(item)
                    continue
                }
                unsent.messages += 1
                unsent.bytes += item.size
                let error = Place(item.publication).unsent
                settled.append(.init(id: item.publication.id, waiter: item.waiter, outcome: .undecided(error)))
            }
        }
        return unsent
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
        as outcome: RabbitMQPublishOutcome,
        into settled: inout [ConfirmWindow.Settled]
    ) throws(RabbitMQError) {
        try window.settle(tag, multiple: multiple, as: outcome, into: &settled)
    }

    /// Without confirms no one waits for the outcome, so a return is ignored.
    mutating func returned(_ outcome: RabbitMQPublishOutcome, properties: RabbitMQProperties) throws(RabbitMQError) {
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
