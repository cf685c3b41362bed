/// A channel as its connection's thread sees it. Only that thread touches it.
final class ChannelState {
    typealias Completion = ConnectionCore.Completion

    let core: ChannelCore
    let number: UInt16
    private var listener: Listener?
    var calls = CallQueue<Completion>()
    var content: ContentAssembler
    var publications: PublishQueue
    var acknowledgements = FIFO<Acknowledgement>()
    /// Consumers that were created after their caller had given up, and whether they need no acknowledgements.
    var orphans: [String: Bool] = [:]
    /// The last step of opening has been answered: from now on there is a listener for events.
    var isOpen = false
    /// Closed for its user; the broker has not confirmed it yet.
    var isClosing = false

    /// Its handle has been released.
    var isAbandoned = false

    private var deliveries: [RabbitMQDelivery] = []
    private var settlements: [RabbitMQSettlement] = []

    init(core: ChannelCore, number: UInt16, configuration: RabbitMQConnectionConfiguration) {
        self.core = core
        self.number = number
        listener = core.takeListener()
        content = ContentAssembler(maximumBodySize: configuration.maximumBodySize)
        publications = PublishQueue(limit: configuration.publishWindow, confirms: core.confirms)
    }

    var hasSomethingToSend: Bool { !acknowledgements.isEmpty || !calls.isEmpty || !publications.isIdle }

    /// Takes over what other threads have handed in.
    func absorb(_ contents: ChannelInbox.Contents) {
        acknowledgements.append(contentsOf: contents.acknowledgements)
        var settled: [ConfirmWindow.Settled] = []
        publications.add(contents.publications, into: &settled)
        resolve(settled)
    }

    /// Gives up publications whose confirm is late.
    func expirePublications(now: UInt64) {
        var settled: [ConfirmWindow.Settled] = []
        let unsent = publications.expire(now: now, into: &settled)
        if unsent.messages > 0 { core.sent(messages: unsent.messages, bytes: unsent.bytes) }
        resolve(settled)
    }

    func collect(_ delivery: RabbitMQDelivery) { deliveries.append(delivery) }

    func resolve(_ settled: [ConfirmWindow.Settled]) {
        for item in settled {
            if let waiter = item.waiter {
                waiter.settle(item.outcome)
            } else {
                settlements.append(RabbitMQSettlement(id: item.id, outcome: item.outcome))
            }
        }
    }

    /// Hands out what has been collected.
    func flush() {
        if !deliveries.isEmpty {
            let batch = deliveries
            deliveries = []
            emit(.deliveries(batch))
        }
        if !settlements.isEmpty {
            let batch = settlements
            settlements = []
            emit(.settled(batch))
        }
    }

    func emit(_ event: RabbitMQChannelEvent) {
        if isOpen { listener?.onEvent(event) }
    }

    /// Ends the channel for its user: everything is undecided, all waiters are told, `.closed` is the last event.
    func end(_ reason: RabbitMQError) {
        guard let contents = core.close(reason) else { return }
        absorb(contents)
        var settled: [ConfirmWindow.Settled] = []
        publications.abandon(reason, into: &settled)
        resolve(settled)
        flush()
        emit(.closed(reason))
        listener = nil
        for call in calls.giveUp() { call.token?.resume(returning: .failure(reason)) }
    }
}
