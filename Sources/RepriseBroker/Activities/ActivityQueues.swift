package import Logging
import RabbitMQ
package import RepriseEngine
package import RepriseKernel
import ServiceLifecycle

/// Takes tasks from the queues of a worker's activities, runs them, and answers.
///
/// ```
///  queue …activity.<Name> ──► run ──► answer to reply_to ──confirm──► ack
/// ```
/// The task is acked after its answer is confirmed: a worker that dies in between leaves the task to the next one. A task
/// that comes again while it still runs here, because the connection was lost meanwhile, is not run a second time. A
/// task that several workers took and never answered is moved to a queue of suspects, and tried alone: see
/// ``TaskLanes``.
package struct ActivityQueues: Service {
    private let endpoint: BrokerEndpoint
    private let names: HubNames
    private let runner: any ActivityRunner
    private let logger: Logger
    /// How long running activities may take to finish when the worker is shut down gracefully.
    private let gracePeriod: Duration
    var timeouts = ActivityTimeouts()

    package init(
        endpoint: BrokerEndpoint,
        hub: HubName,
        runner: any ActivityRunner,
        logger: Logger,
        gracePeriod: Duration = .seconds(10)
    ) {
        self.endpoint = endpoint
        self.names = HubNames(hub)
        self.runner = runner
        self.logger = logger
        self.gracePeriod = gracePeriod
    }

    /// Creates the queues of the worker's activities ahead of ``run()``, so that no task reaches one that is too young.
    ///
    /// - Throws: ``HubError``; with `isRetriable` when the broker does not answer.
    package func declare() async throws(HubError) {
        try await endpoint.withConnection(for: "activities of '\(names.hub)'") { live in
            try await declareQueues(on: live.connection)
        }
    }

    package func run() async throws {
        guard !runner.activityNames.isEmpty else { return try await gracefulShutdown() }
        let executor = ActivityExecutor(runner: runner, names: names, timeouts: timeouts, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            // Outside the connection's lifetime: running tasks continue while the connection is replaced.
            group.addTask { await executor.work() }
            group.addTask {
                try await Reconnecting(endpoint: endpoint, purpose: "activities of '\(names.hub)'", logger: logger)
                    .run { live in try await consume(executor, on: live) }
            }
            group.addTask {
                // Also while there is no connection: a worker must be able to stop when the broker is gone.
                guard (try? await gracefulShutdown()) != nil else { return }
                await executor.drain(within: gracePeriod)
            }
            try await group.next()
        }
    }

    /// Feeds the executor from one connection; throws what was lost.
    private func consume(_ executor: ActivityExecutor, on live: LiveConnection) async throws {
        try await declareQueues(on: live.connection)
        let holder = Promise<RabbitMQChannel>()
        let tasks = try await Consumer.open(
            on: live.connection,
            take: { deliveries in
                if let channel = holder.now { executor.take(deliveries, over: channel) }
            }
        )
        holder.set(tasks.channel)
        let listener = names.listener(RandomID.make())
        let withdrawals = try await hearWithdrawals(listener, executor, tasks.ended, on: live.connection)
        let suspects = try await live.connection.openChannel { [ended = tasks.ended] event in
            if case .closed(let error) = event { ended.set(error) }
        }
        try await tasks.channel.setPrefetch(UInt16(clamping: max(1, runner.concurrency)))
        let lanes = TaskLanes(
            connection: live.connection,
            tasks: tasks,
            suspects: suspects,
            executor: executor,
            names: names,
            activities: runner.activityNames,
            pace: TrialPace(first: timeouts.idleness),
            logger: logger
        )
        try await tasks.run { group in
            group.addTask { try await withdrawals.keepBound(listener, to: names.withdrawals, making: .fanout) }
            group.addTask {
                try await lanes.run()
                // What runs still answers over this connection.
                try await live.untilLost()
            }
        }
    }

    /// Listens for tasks that are no longer awaited, and for how far others had got with those that came again. Notices sent while no one listens are missed, and cost only a
    /// dropped result, or a beginning from the start.
    private func hearWithdrawals(
        _ queue: String,
        _ executor: ActivityExecutor,
        _ ended: Promise<RabbitMQError>,
        on connection: RabbitMQConnection
    ) async throws -> RabbitMQChannel {
        let consumer = try await Consumer.open(
            on: connection,
            confirms: false,
            ended: ended,
            take: { deliveries in
                for delivery in deliveries {
                    let message = ReceivedMessage(delivery)
                    if let token = WithdrawalEnvelope.token(in: message) { executor.withdraw(token) }
                    if let (token, progress) = ProgressEnvelope.resumed(message) { executor.resume(token, progress) }
                }
            }
        )
        let channel = consumer.channel
        try await channel.declareListener(queue, of: names.withdrawals)
        try await consumer.consume(queue, exclusive: true, noAck: true)
        return channel
    }

    /// A quorum queue younger than half a second does not survive a kill -9 of the broker, so a new one gets a moment.
    private func declareQueues(on connection: RabbitMQConnection) async throws {
        var isNew = false
        let queues = runner.activityNames.flatMap { name in
            [
                (names.suspects(name), QueueArguments.suspects(names: names)),
                (names.activity(name), QueueArguments.activity(names: names)),
            ]
        }
        for (queue, arguments) in queues where try await connection.existingQueue(queue) == nil {
            try await connection.withChannel { try await $0.declareQueue(queue, arguments: arguments) }
            isNew = true
        }
        if isNew { try await Task.sleep(for: .seconds(1)) }
    }
}
