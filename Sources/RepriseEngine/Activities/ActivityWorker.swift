package import Logging
package import Reprise
import RepriseKernel

/// Runs registered activities. No state survives it: a task that is not answered goes back to its queue.
package struct ActivityWorker: ActivityRunner {
    private let activities: [String: RegisteredActivity]
    package let concurrency: Int
    private let logger: Logger

    package init(activities: [String: RegisteredActivity], concurrency: Int, logger: Logger) {
        self.activities = activities
        self.concurrency = concurrency
        self.logger = logger
    }

    package var activityNames: [String] { activities.keys.sorted() }

    package func run(
        _ task: ActivityTask,
        report: @escaping @Sendable (Payload) -> Void = { _ in }
    ) async -> TaskResult.Outcome? {
        guard let activity = activities[task.name] else {
            return .failed(
                Failure(type: Failure.Kind.unknownActivity, message: "this worker has no activity '\(task.name)'")
            )
        }
        var logger = logger
        logger[metadataKey: "activity"] = "\(task.name)"
        logger[metadataKey: "instance"] = "\(task.instance)"
        let context = ActivityContext(
            instanceID: task.instance,
            idempotencyKey: task.idempotencyKey,
            attempt: task.attempt,
            progress: task.progress,
            logger: logger,
            report: report
        )
        do {
            return .completed(try await activity.run(context, task.input))
        } catch is CancellationError where Task.isCancelled {
            return nil
        } catch {
            let failure = Failure(of: error)
            logger.info("The activity failed: \(failure)")
            return .failed(failure)
        }
    }
}
