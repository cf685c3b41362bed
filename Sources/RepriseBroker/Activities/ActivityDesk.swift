import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import Synchronization

/// Runs the tasks that arrive, each in a child task of its own, and answers them over whichever channel brought them last.
final class ActivityDesk: Sendable {
    /// A delivery and the channel that brought it.
    let tasks = Mailbox<(Delivery, Channel)>()

    private struct Running {
        /// All deliveries of the task; the last one's channel is the one to answer over.
        var deliveries: [(tag: UInt64, channel: Channel)]
        /// News that the task was delivered once more.
        var repeated = Once<Void>()
    }

    private struct State {
        /// By token.
        var running: [String: Running] = [:]
        var idle = Once<Void>()
    }

    /// How long an answer waits for its task to be delivered again after the channel that brought it has closed.
    private static let patience = Duration.seconds(30)

    private let runner: any ActivityRunner
    private let names: HubNames
    private let logger: Logger
    private let state = Mutex(State())

    init(runner: any ActivityRunner, names: HubNames, logger: Logger) {
        self.runner = runner
        self.names = names
        self.logger = logger
    }

    /// Returns when the task is cancelled and everything that ran has ended.
    func work() async {
        await withDiscardingTaskGroup { group in
            while let arrived = await tasks.next() {
                for (delivery, channel) in arrived {
                    guard let envelope = read(delivery, channel), begin(envelope, delivery.tag, channel) else {
                        continue
                    }
                    group.addTask { await self.serve(envelope) }
                }
            }
            group.cancelAll()
        }
    }

    /// Returns when nothing runs any more, or the time is over.
    func drain(within time: Duration) async {
        let idle = state.withLock { $0.running.isEmpty ? nil : $0.idle }
        if let idle { _ = await happens(idle, within: time) }
    }

    private func read(_ delivery: Delivery, _ channel: Channel) -> TaskEnvelope? {
        let activity = names.activity(ofQueue: delivery.routingKey) ?? delivery.consumerTag
        do {
            return try TaskEnvelope.read(ReceivedMessage(delivery), activity: activity)
        } catch {
            // To the intake, which puts it among the dead letters with its reason.
            logger.warning("a message in the queue of '\(activity)' is no task: \(error)")
            channel.nack(delivery.tag, requeue: false)
            return nil
        }
    }

    /// False when the task already runs here.
    private func begin(_ envelope: TaskEnvelope, _ tag: UInt64, _ channel: Channel) -> Bool {
        let repeated: Once<Void>? = state.withLock { state in
            guard var running = state.running[envelope.token] else {
                state.running[envelope.token] = Running(deliveries: [(tag, channel)])
                return nil
            }
            defer { state.running[envelope.token] = running }
            running.deliveries.append((tag, channel))
            defer { running.repeated = Once() }
            return running.repeated
        }
        repeated?.set(())
        return repeated == nil
    }

    /// Settles the task's deliveries, and only then says that nothing runs: the connection may close on that word.
    private func end(_ envelope: TaskEnvelope, isAnswered: Bool) {
        state.withLock { state in
            for (tag, channel) in state.running.removeValue(forKey: envelope.token)?.deliveries ?? [] {
                if isAnswered { channel.ack(tag) } else { channel.nack(tag, requeue: true) }
            }
            if state.running.isEmpty {
                state.idle.set(())
                state.idle = Once()
            }
        }
    }

    private func serve(_ envelope: TaskEnvelope) async {
        let outcome: TaskResult.Outcome?
        if let refusal = envelope.refusal {
            outcome = .failed(refusal)
        } else {
            outcome = await runner.run(envelope.task)
        }
        let isAnswered = if let outcome { await answer(outcome, envelope) } else { false }
        end(envelope, isAnswered: isAnswered)
    }

    /// True when the answer is confirmed. Tried until then, since without it the orchestration would wait for ever.
    private func answer(_ outcome: TaskResult.Outcome, _ envelope: TaskEnvelope) async -> Bool {
        let answer = ResultEnvelope.publication(of: outcome, to: envelope)
        let backoff = Backoff(base: .milliseconds(200), cap: .seconds(30))
        var failures = 0
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            guard let running = state.withLock({ $0.running[envelope.token] }),
                let channel = running.deliveries.last?.channel
            else { return false }
            do {
                try await channel.publish(answer.message, routingKey: answer.routingKey, mandatory: true)
                return true
            } catch  where channel.closeReason == nil {
                logger.warning("the answer to a task of '\(envelope.task.name)' was not taken: \(error); trying again")
                failures += 1
                try? await Task.sleep(for: backoff.delay(failures: failures, using: &generator))
            } catch {
                // The broker hands the task out again: to us, and the answer goes that way, or to somebody else.
                guard await happens(running.repeated, within: Self.patience) else { return false }
            }
        }
        return false
    }

    private func happens(_ event: Once<Void>, within time: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await event.value() != nil }
            group.addTask {
                try? await Task.sleep(for: time)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}
