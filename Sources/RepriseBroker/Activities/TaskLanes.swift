import Logging
import RabbitMQ
import RepriseKernel
import ServiceLifecycle

/// What a worker takes from its queues, and when: tasks concurrently, and now and then a suspect alone.
///
/// ```
///  take tasks ──► suspects wait ──► take no more ──► what runs has ended ──► one suspect after the other ──┐
///      ▲                                  └──► it does not end: left to other workers, and later to this one │
///      └───────────────────────────────────────────────────┴────────────────────────────────────────────────┘
/// ```
/// A suspect is a task that several workers took and never answered. While one is tried its worker holds no other task,
/// so a death counts against no other task. One worker at a time tries the suspects of an activity: the others
/// continue.
struct TaskLanes: Sendable {
    let connection: RabbitMQConnection
    /// Brings the tasks that run side by side.
    let tasks: Consumer
    /// Brings the suspects.
    let suspects: RabbitMQChannel
    let executor: ActivityExecutor
    let names: HubNames
    let activities: [String]
    let pace: TrialPace
    let logger: Logger
    var clock: any Clock<Duration> = ContinuousClock()

    /// How often a worker looks for suspects.
    private static let interval = Duration.seconds(2)
    /// How long an activity is left alone whose suspects another worker tries: asking costs a line in the broker's log.
    private static let absence = Duration.seconds(15)
    /// No suspect is begun after this long: fresh tasks wait meanwhile.
    private static let turn = Duration.seconds(10)
    /// How long a suspect's inbox may keep its worker from fresh tasks.
    private static let answering = Duration.seconds(2)

    /// Returns when the worker is told to stop: it then takes nothing more.
    func run() async throws {
        // Begun over a connection that was lost: nothing starts beside it.
        _ = await executor.untilTried(answeredWithin: Self.answering)
        var pace = pace
        var isBusyUntil = ContinuousClock.now
        while true {
            for name in activities { try await tasks.consume(names.activity(name)) }
            let activity = try await untilSuspectsWait(notBefore: isBusyUntil)
            for name in activities { try await tasks.cancel(names.activity(name)) }
            guard let activity else { return }
            let wait = pace.wait
            if await executor.drain(within: wait) {
                pace.wasIdle()
                try await trySuspects(of: activity)
            } else {
                let pause = pace.waitedInVain()
                isBusyUntil = .now + pause
                logger.notice(
                    """
                    a task of '\(activity)' waits to be tried alone, and what runs here did not end within \
                    \(wait.components.seconds) s: this worker goes on, and waits for that again in \
                    \(pause.components.seconds) s, unless another one has tried it by then
                    """
                )
            }
            try await connection.withChannel { try await $0.deleteQueue(names.trial(activity)) }
            guard !Task.isShuttingDownGracefully else { return }
        }
    }

    /// The activity whose suspects this worker may try now; `nil` when it is told to stop.
    private func untilSuspectsWait(notBefore start: ContinuousClock.Instant) async throws -> String? {
        do {
            return try await cancelWhenGracefulShutdown {
                var absent: [String: ContinuousClock.Instant] = [:]
                while true {
                    try await clock.sleep(for: Self.interval * Double.random(in: 0.75...1.25))
                    for name in activities.shuffled() where (absent[name] ?? .now) <= .now {
                        let queue = try await suspects.declareQueue(names.suspects(name), passive: true)
                        guard queue.messageCount > 0, start <= .now else { continue }
                        if try await isOurs(name) { return name }
                        absent[name] = .now + Self.absence
                    }
                }
            }
        } catch  where Task.isShuttingDownGracefully {
            return nil
        }
    }

    /// Whether no other worker tries the activity's suspects: none can until we are done, or gone.
    private func isOurs(_ activity: String) async throws -> Bool {
        do {
            try await connection.withChannel { channel in
                try await channel.declareQueue(
                    names.trial(activity),
                    durable: false,
                    exclusive: true,
                    arguments: QueueArguments.trial
                )
            }
            return true
        } catch let error as RabbitMQError where error.code == .resourceLocked {
            return false
        }
    }

    private func trySuspects(of activity: String) async throws {
        let end = ContinuousClock.now + Self.turn
        while !Task.isCancelled, !Task.isShuttingDownGracefully, ContinuousClock.now < end,
            let suspect = try await suspects.get(names.suspects(activity))
        {
            logger.notice("a task of '\(activity)' that workers took and never answered is tried alone")
            executor.take([suspect], over: suspects, isTrial: true)
            guard await executor.untilTried(answeredWithin: Self.answering) else {
                // No suspect is tried beside it: it would be lost with the next one's worker.
                logger.notice("it waits for its inbox to accept its messages: this worker continues with other tasks")
                return
            }
        }
    }
}
