import RabbitMQ
import RepriseEngine
import RepriseKernel
import Synchronization

/// A partition's way out for one period of ownership.
final class BrokerPartitionLink: PartitionLink {
    private struct State {
        var inbox: RabbitMQChannel?
        var isOpen = true
        /// Activities of the tasks that are on their way, by outbound number.
        var tasks: [OutboundNumber: String] = [:]
        /// Every activity that had a task.
        var activities: Set<String> = []
        var delivered: UInt64 = 0
        var acknowledged: UInt64 = 0
    }

    private let partition: PartitionNumber
    private let partitionCount: Int
    private let names: HubNames
    private let lock: PartitionLock
    private let answers: AnswerLine
    /// Over the lock's own channel.
    private let own: Lane
    let tasks: Lane
    let statuses: Lane
    private let state = Mutex(State())
    /// Activities whose queue does not exist.
    let missingActivities = BatchQueue<String>()
    /// What the broker says of queues and exchanges of the hub itself that do not exist.
    let missing = BatchQueue<String>()

    init(
        partition: PartitionNumber,
        partitionCount: Int,
        names: HubNames,
        lock: PartitionLock,
        answers: AnswerLine,
        silent: SilentDestinations
    ) {
        self.partition = partition
        self.partitionCount = partitionCount
        self.names = names
        self.lock = lock
        self.answers = answers
        own = Lane(silent: silent)
        tasks = Lane(silent: silent)
        statuses = Lane(silent: silent)
        own.open(lock.channel)
    }

    /// The outcomes of messages go to `settle`, whichever way they went.
    func listen(_ settle: @escaping @Sendable ([OutboundSettlement]) -> Void) {
        let ways = [
            (own, "an inbox or the queue of dead letters"),
            (tasks, "the queue of an activity"),
            (statuses, "a queue bound to the exchange '\(names.statuses)'"),
        ]
        for (lane, destination) in ways {
            lane.listen { [self] settlements in
                let outcomes = outcomes(of: settlements, to: destination)
                if !outcomes.isEmpty { settle(outcomes) }
            }
        }
    }

    /// The outcomes of publications on the lock's channel.
    func settleOwn(_ settlements: [RabbitMQSettlement]) { own.settle(settlements) }

    func open(inbox: RabbitMQChannel) { state.withLock { $0.inbox = inbox } }

    func close() {
        state.withLock { $0.isOpen = false }
        for lane in [own, tasks, statuses] { lane.close() }
    }

    var inbox: RabbitMQChannel? { state.withLock { $0.inbox } }

    /// False as soon as anything is known that ends the ownership.
    var isOpen: Bool { lock.ended.now == nil && state.withLock { $0.isOpen } }

    /// The names of the activities that had a task, for those who look at the queues.
    var activities: [String] { state.withLock { $0.activities.sorted() } }

    /// An announcement is small, whatever a program does with names.
    private static let maximumActivities = 200

    // MARK: PartitionLink

    func publish(_ messages: [Outbound]) {
        guard isOpen, !messages.isEmpty else { return }
        state.withLock { state in
            for message in messages {
                guard case .task(let task) = message.message else { continue }
                state.tasks[message.number] = task.task.name
                if state.activities.count < Self.maximumActivities { state.activities.insert(task.task.name) }
            }
        }
        var (ownWay, work, changes): ([RabbitMQPublication], [RabbitMQPublication], [RabbitMQPublication]) = (
            [], [], []
        )
        for message in messages {
            switch message.message {
            case .task: work.append(publication(of: message))
            case .status: changes.append(publication(of: message))
            case .command, .result, .deadLetter: ownWay.append(publication(of: message))
            }
        }
        own.publish(ownWay)
        tasks.publish(work)
        statuses.publish(changes)
    }

    func answer(_ replies: [Reply]) {
        guard isOpen, !replies.isEmpty else { return }
        answers.publish(replies.flatMap { AnswerEnvelope.publications(of: $0.answer, to: $0.to) })
    }

    func withdraw(_ tasks: [WithdrawnTask]) {
        guard isOpen, !tasks.isEmpty else { return }
        self.tasks.mention(tasks.map { WithdrawalEnvelope.publication(of: $0, names: names) })
    }

    func resume(_ reports: [ProgressReport]) {
        guard isOpen, !reports.isEmpty else { return }
        tasks.mention(reports.map { ProgressEnvelope.publication(of: $0, names: names) })
    }

    func report(_ progress: [ProgressMessage]) {
        guard isOpen, !progress.isEmpty else { return }
        statuses.mention(progress.map { ProgressEnvelope.publication(of: $0, names: names) })
    }

    func acknowledge(through tag: UInt64) {
        guard isOpen else { return }
        state.withLock { $0.acknowledged = max($0.acknowledged, tag) }
        inbox?.ack(tag, multiple: true)
    }

    func resign(_ reason: String) { lock.ended.set(RabbitMQError(.closed, reason)) }

    func noteDelivery(_ tag: UInt64) { state.withLock { $0.delivered = max($0.delivered, tag) } }

    /// Whether all that was delivered is committed, and all that was published is settled.
    var isDrained: Bool {
        state.withLock { $0.acknowledged >= $0.delivered } && [own, tasks, statuses].allSatisfy { $0.unsettled == 0 }
    }

    /// What the owner is told of the broker's settlements.
    private func outcomes(of settlements: [RabbitMQSettlement], to destination: String) -> [OutboundSettlement] {
        var activities: [String] = []
        var isHubIncomplete = false
        let outcomes = state.withLock { state in
            settlements.compactMap { settlement -> OutboundSettlement? in
                let activity = state.tasks.removeValue(forKey: OutboundNumber(publicationID: settlement.id))
                if let activity, case .returned = settlement.outcome {
                    activities.append(activity)
                    let reason = "the queue of the activity '\(activity)' did not exist"
                    return OutboundSettlement(
                        number: OutboundNumber(publicationID: settlement.id),
                        outcome: .undeliverable(reason: reason)
                    )
                }
                if case .returned = settlement.outcome { isHubIncomplete = true }
                return OutboundSettlement(
                    settlement,
                    to: activity.map { "the queue '\(names.activity($0))'" } ?? destination
                )
            }
        }
        if !activities.isEmpty { missingActivities.post(activities) }
        if isHubIncomplete { missing.post(["A message matched no queue."]) }
        return outcomes
    }

    private func publication(of outbound: Outbound) -> RabbitMQPublication {
        switch outbound.message {
        case .task(let task):
            return TaskEnvelope.publication(
                of: task,
                number: outbound.number,
                epoch: outbound.epoch,
                partition: partition,
                names: names
            )
        case .status(let status):
            return StatusEnvelope.publication(of: status, number: outbound.number, names: names)
        case .command(let command):
            return RabbitMQPublication(
                id: outbound.number.publicationID,
                routingKey: inbox(of: command.instance),
                message: CommandEnvelope.message(for: command)
            )
        case .result(let result):
            return ResultEnvelope.publication(
                of: result,
                number: outbound.number,
                inbox: inbox(of: result.instance),
                sender: "\(names.hub).\(partition)"
            )
        case .deadLetter(let letter):
            return publication(of: letter, number: outbound.number)
        }
    }

    private func inbox(of instance: InstanceID) -> String {
        names.inbox(PartitionNumber(of: instance, count: partitionCount))
    }

    private func publication(of letter: DeadLetter, number: OutboundNumber) -> RabbitMQPublication {
        let original: ReceivedMessage
        do {
            original = try ReceivedMessage(encoded: letter.original)
        } catch {
            // Kept by a newer release, or damaged: the reason is still worth a letter, and the bytes with it.
            original = ReceivedMessage(
                exchange: "",
                routingKey: names.inbox(partition),
                properties: RabbitMQProperties(),
                body: .bytes(Array(letter.original.prefix(Limits().bodyBytes)))
            )
        }
        return DeadLetterEnvelope(
            id: "\(names.hub).\(partition).d\(number)",
            reason: letter.reason,
            code: letter.code.rawValue,
            time: .wallClock,
            original: original
        ).publication(number: number.publicationID, names: names)
    }
}

/// Hands deliveries to the owner, and none once it is closed: not even one that was already on its way.
final class DeliveryGate: Sendable {
    private let owner: any PartitionOwner
    private let link: BrokerPartitionLink
    private let isClosed = Mutex(false)

    init(owner: any PartitionOwner, link: BrokerPartitionLink) {
        self.owner = owner
        self.link = link
    }

    func deliver(_ deliveries: [RabbitMQDelivery]) {
        let inbound = deliveries.map {
            InboxEnvelope.read(ReceivedMessage($0), tag: $0.tag, isRedelivered: $0.redelivered)
        }
        isClosed.withLock { isClosed in
            // A delivery of the last period, taken up in the next, would ack under a tag that means another message.
            guard !isClosed, link.isOpen else { return }
            if let last = inbound.last { link.noteDelivery(last.tag) }
            owner.deliver(inbound)
        }
    }

    func close() { isClosed.withLock { $0 = true } }
}
