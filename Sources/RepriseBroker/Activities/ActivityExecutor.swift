import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import Synchronization

/// Runs the tasks that arrive, each in its own child task, and answers them over whichever channel last delivered them.
final class ActivityExecutor: Sendable {
    private struct Arrival {
        var delivery: RabbitMQDelivery
        /// Which brought it.
        var channel: RabbitMQChannel
        /// Whether it is a suspect, brought to be tried alone.
        var isTrial: Bool
    }

    private struct Running {
        /// All deliveries of the task; the last one's channel is the one to answer over.
        var deliveries: [(tag: UInt64, channel: RabbitMQChannel)]
        var isTrial: Bool
        /// Whether it can kill its worker. Not while its start is announced, nor while its answer waits to be taken.
        var isAtWork = true
        /// Whether other tasks run beside it since its trial was left.
        var isLeft = false
        /// Set when the task is delivered again.
        var repeated = Promise<Void>()
        /// Set when its result is no longer awaited.
        let withdrawn = Promise<Void>()
        /// Set with what a worker before had reported.
        let resumed = Promise<Payload>()
    }

    private struct State {
        /// By token.
        var running: [String: Running] = [:]
        /// Deliveries taken but not yet examined.
        var arrivals = 0
        var idle = Promise<Void>()
        /// Set when no suspect is running any more.
        var tried = Promise<Void>()

        var isIdle: Bool { running.isEmpty && arrivals == 0 }
        /// What has arrived may be a suspect.
        var triesSuspect: Bool { arrivals > 0 || running.values.contains { $0.isTrial && $0.isAtWork } }

        mutating func tell() {
            if isIdle {
                idle.set(())
                idle = Promise()
            }
            if !triesSuspect {
                tried.set(())
                tried = Promise()
            }
        }
    }

    private let runner: any ActivityRunner
    private let names: HubNames
    private let logger: Logger
    private let timeouts: ActivityTimeouts
    private let unanswered = Mutex(UnansweredQueues())
    private let arrivals = BatchQueue<Arrival>()
    private let state = Mutex(State())

    init(runner: any ActivityRunner, names: HubNames, timeouts: ActivityTimeouts, logger: Logger) {
        self.runner = runner
        self.names = names
        self.timeouts = timeouts
        self.logger = logger
    }

    /// - Parameter isTrial: whether these are suspects, brought to be tried alone.
    func take(_ deliveries: [RabbitMQDelivery], over channel: RabbitMQChannel, isTrial: Bool = false) {
        state.withLock { $0.arrivals += deliveries.count }
        arrivals.post(deliveries.map { Arrival(delivery: $0, channel: channel, isTrial: isTrial) })
    }

    /// Returns when the task is canceled and everything that ran has ended.
    func work() async {
        await withDiscardingTaskGroup { group in
            while let arrived = await arrivals.next() {
                for arrival in arrived {
                    defer {
                        state.withLock { state in
                            state.arrivals -= 1
                            state.tell()
                        }
                    }
                    guard let envelope = read(arrival), begin(envelope, arrival) else { continue }
                    let suspect = arrival.isTrial ? nil : suspicion(of: envelope, arrival)
                    group.addTask {
                        if let suspect { await self.pass(suspect, envelope) } else { await self.serve(envelope) }
                    }
                }
            }
            group.cancelAll()
        }
    }

    /// Returns when nothing is running any more, or false when the time is over.
    @discardableResult
    func drain(within time: Duration) async -> Bool {
        let idle = state.withLock { $0.isIdle ? nil : $0.idle }
        guard let idle else { return true }
        return await happens(idle, within: time)
    }

    /// Returns when the suspect being tried, if any, is finished: true when it is answered. False when its inbox
    /// accepts nothing for this long: it cannot kill the worker then, and what runs beside it from now on is safe.
    func untilTried(answeredWithin time: Duration) async -> Bool {
        while !Task.isCancelled {
            let tried = state.withLock { $0.triesSuspect ? $0.tried : nil }
            _ = await tried?.value()
            guard state.withLock({ $0.running.values.contains(where: \.isTrial) }) else { return true }
            if await drain(within: time) { return true }
            if leaveTrial() { return false }
        }
        return false
    }

    /// False when the suspect has begun its work meanwhile.
    private func leaveTrial() -> Bool {
        state.withLock { state in
            guard !state.triesSuspect else { return false }
            for (token, running) in state.running where running.isTrial { state.running[token]?.isLeft = true }
            return true
        }
    }

    /// False for a suspect that is no longer alone, since its start could not be announced for too long.
    private func beginsWork(_ envelope: TaskEnvelope) -> Bool {
        state.withLock { state in
            guard state.running[envelope.token]?.isLeft == false else { return false }
            state.running[envelope.token]?.isAtWork = true
            return true
        }
    }

    private func read(_ arrival: Arrival) -> TaskEnvelope? {
        let (delivery, channel) = (arrival.delivery, arrival.channel)
        let activity =
            names.activity(ofQueue: delivery.routingKey) ?? names.activity(ofSuspects: delivery.routingKey)
            ?? delivery.consumerTag
        do {
            return try TaskEnvelope.read(ReceivedMessage(delivery), activity: activity)
        } catch {
            // To the intake, which puts it among the dead letters with its reason.
            logger.warning("a message in the queue of '\(activity)' is not a task: \(error)")
            channel.nack(delivery.tag, requeue: false)
            return nil
        }
    }

    /// False when the task already runs here.
    private func begin(_ envelope: TaskEnvelope, _ arrival: Arrival) -> Bool {
        let delivery = (tag: arrival.delivery.tag, channel: arrival.channel)
        let repeated: Promise<Void>? = state.withLock { state in
            guard var running = state.running[envelope.token] else {
                state.running[envelope.token] = Running(deliveries: [delivery], isTrial: arrival.isTrial)
                return nil
            }
            defer { state.running[envelope.token] = running }
            running.deliveries.append(delivery)
            defer { running.repeated = Promise() }
            return running.repeated
        }
        repeated?.set(())
        return repeated == nil
    }

    /// Settles the task's deliveries, and only then reports that nothing is running: the connection may then close.
    private func end(_ envelope: TaskEnvelope, _ settling: Settling) {
        state.withLock { state in
            for (tag, channel) in state.running.removeValue(forKey: envelope.token)?.deliveries ?? [] {
                switch settling {
                case .done: channel.ack(tag)
                case .givenBack: channel.nack(tag, requeue: true)
                case .unanswerable: channel.nack(tag, requeue: false)
                }
            }
            state.tell()
        }
    }

    /// What moves a task to the suspects of its activity when it has been lost with too many workers.
    private func suspicion(of envelope: TaskEnvelope, _ arrival: Arrival) -> RabbitMQPublication? {
        guard envelope.losses >= QueueArguments.lossesOfSuspects else { return nil }
        return TaskEnvelope.publication(
            ofSuspect: ReceivedMessage(arrival.delivery),
            queue: names.suspects(envelope.task.name)
        )
    }

    private func pass(_ suspect: RabbitMQPublication, _ envelope: TaskEnvelope) async {
        logger.warning(
            """
            a task of '\(envelope.task.name)' came back \(envelope.losses) times without an answer: perhaps it kills its \
            workers, so it is tried alone from now on
            """,
            metadata: ["instance": "\(envelope.task.instance)"]
        )
        end(envelope, await answer(suspect, envelope))
    }

    /// This task's result is no longer awaited: if it is running here, it is canceled.
    func withdraw(_ token: String) {
        guard let running = state.withLock({ $0.running[token] }) else { return }
        logger.info(
            "a task is no longer wanted and is canceled",
            metadata: ["token": "\(token.prefix(while: { $0 != "." }))"]
        )
        running.withdrawn.set(())
    }

    /// How far a worker had got that had this task before.
    func resume(_ token: String, _ progress: Payload) {
        state.withLock({ $0.running[token] })?.resumed.set(progress)
    }

    private func serve(_ envelope: TaskEnvelope) async {
        var envelope = envelope
        if let refusal = envelope.refusal {
            return end(envelope, await answer(ResultEnvelope.publication(of: .failed(refusal), to: envelope), envelope))
        }
        let isTrial = state.withLock { $0.running[envelope.token]?.isTrial == true }
        let asksFirst = isTrial && names.partition(ofInbox: envelope.replyTo) != nil
        if envelope.isTimed || asksFirst {
            // Before the work begins, so that its time is not counted as waiting.
            let announced = await answer(ResultEnvelope.publication(ofStartOf: envelope), envelope)
            guard announced == .done else { return end(envelope, announced) }
            if envelope.hasHeartbeat, envelope.losses > 0, let progress = await lastProgress(of: envelope) {
                envelope.task.progress = progress
            }
            if asksFirst, await isWithdrawn(envelope, within: timeouts.withdrawal) { return end(envelope, .done) }
            guard beginsWork(envelope) else { return end(envelope, .givenBack) }
        }
        switch await run(envelope) {
        case .withdrawn: end(envelope, .done)
        case .stopped: end(envelope, .givenBack)
        case .answered(let outcome):
            end(envelope, await answer(ResultEnvelope.publication(of: outcome, to: envelope), envelope))
        }
    }

    /// Whether its partition says that no one waits for it: a copy of what has ended long ago need not kill anyone.
    private func isWithdrawn(_ envelope: TaskEnvelope, within time: Duration) async -> Bool {
        guard let withdrawn = state.withLock({ $0.running[envelope.token]?.withdrawn }) else { return false }
        return await happens(withdrawn, within: time)
    }

    /// What its partition says that the worker before had reported; nil when it does not say so soon.
    private func lastProgress(of envelope: TaskEnvelope) async -> Payload? {
        guard let resumed = state.withLock({ $0.running[envelope.token]?.resumed }) else { return nil }
        guard await happens(resumed, within: timeouts.withdrawal) else { return nil }
        return resumed.now.flatMap { $0.isNull ? nil : $0 }
    }

    /// How a task's deliveries are settled.
    private enum Settling {
        case done
        /// To be done again, by us or another worker.
        case givenBack
        /// To the intake, which tells its partition, or puts it among the dead letters.
        case unanswerable
    }

    private enum Ending {
        case answered(TaskResult.Outcome)
        case stopped
        case withdrawn

        /// Whether the task may be run again.
        var hasNext: Bool {
            switch self {
            case .answered(.failed), .stopped: true
            case .answered, .withdrawn: false
            }
        }
    }

    /// Runs the task until it has an outcome, or its result is no longer awaited.
    private func run(_ envelope: TaskEnvelope) async -> Ending {
        guard let withdrawn = state.withLock({ $0.running[envelope.token]?.withdrawn }) else { return .stopped }
        let reporter = ProgressReporter()
        return await withTaskGroup(of: Ending?.self) { group in
            group.addTask {
                await self.runner.run(envelope.task, report: reporter.report).map(Ending.answered) ?? .stopped
            }
            group.addTask {
                await reporter.run { self.send($0, of: envelope) }
                return nil
            }
            // Nil when it was not withdrawn, but the work was over.
            group.addTask { await withdrawn.value() == nil ? nil : .withdrawn }
            var ending = Ending.stopped
            while let next = await group.next() {
                guard let next else { continue }
                // When canceled, the work ends soon, and its result is useless.
                if case .withdrawn = ending { continue }
                ending = next
                group.cancelAll()
            }
            // For the next run, which begins from it.
            if envelope.hasHeartbeat, ending.hasNext, let last = reporter.takeLatest() { send(last, of: envelope) }
            return ending
        }
    }

    /// Over the channel that brought the task last; lost where that has closed.
    private func send(_ progress: Payload, of envelope: TaskEnvelope) {
        let channel = state.withLock { $0.running[envelope.token]?.deliveries.last?.channel }
        channel?.publish([ProgressEnvelope.publication(of: progress, from: envelope)])
    }

    /// Done when the message is confirmed. Retried until then, since without it the orchestration would wait forever;
    /// but only as long as there is hope, since the task occupies one of the worker's slots meanwhile.
    private func answer(_ answer: RabbitMQPublication, _ envelope: TaskEnvelope) async -> Settling {
        state.withLock { state in
            state.running[envelope.token]?.isAtWork = false
            state.tell()
        }
        let backoff = RabbitMQBackoff(base: .milliseconds(200), cap: .seconds(30))
        var failures = 0
        var tries = UnansweredQueues.Tries()
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            guard let running = state.withLock({ $0.running[envelope.token] }),
                let channel = running.deliveries.last?.channel
            else { return .givenBack }
            do {
                try await channel.publish(answer.message, routingKey: answer.routingKey, mandatory: true)
                if unanswered.withLock({ $0.took(answer.routingKey) }) {
                    logger.notice("the queue '\(answer.routingKey)' takes answers again")
                }
                return .done
            } catch  where channel.closeReason == nil && error.code != .cancelled {
                guard isTriedAgain(answer, to: envelope, after: error, &tries) else { return .unanswerable }
                failures += 1
                try? await Task.sleep(for: backoff.delay(failures: failures, using: &generator))
            } catch {
                // The broker delivers the task again: to us, and the answer goes that way, or to another worker.
                guard await happens(running.repeated, within: timeouts.redelivery) else { return .givenBack }
                tries.interrupted()
            }
        }
        return .givenBack
    }

    /// False once there is no hope for the answer any more.
    private func isTriedAgain(
        _ answer: RabbitMQPublication,
        to envelope: TaskEnvelope,
        after error: RabbitMQError,
        _ tries: inout UnansweredQueues.Tries
    ) -> Bool {
        let queue = answer.routingKey
        guard ![.tooLarge, .invalidArgument].contains(error.code) else {
            logger.error(
                "the answer to a task of '\(envelope.task.name)' cannot be sent: \(error); the task is rejected"
            )
            return false
        }
        let cause: UnansweredQueues.Cause = error.code == .returned ? .missing : .refusing
        let isOurs = names.partition(ofInbox: queue) != nil || names.activity(ofSuspects: queue) != nil
        let limit = timeouts.triesAnswer(toOurs: isOurs, cause)
        let what = "the answer to a task of '\(envelope.task.name)' was not taken by the queue '\(queue)'"
        switch unanswered.withLock({ $0.refused(queue, cause, &tries, at: .now, limit: limit) }) {
        case .tryAgain(let isNew):
            if isNew { logger.warning("\(what): \(error); trying again") }
            return true
        case .giveUp(let isNew):
            if isNew {
                logger.error(
                    """
                    \(what): \(error). Tasks whose answers go there are rejected until it takes one, and end among the \
                    dead letters: see who sends them, or make the queue again and resend them
                    """,
                    metadata: ["instance": "\(envelope.task.instance)"]
                )
            }
            return false
        }
    }

    private func happens<Value>(_ event: Promise<Value>, within time: Duration) async -> Bool {
        (try? await within(time, of: ContinuousClock()) { await event.value() != nil }) ?? false
    }
}
