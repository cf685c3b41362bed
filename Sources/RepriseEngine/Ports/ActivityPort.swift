package import RepriseKernel

/// A task as a worker receives it.
package struct ActivityTask: Equatable, Sendable {
    package var name: String
    package var instance: InstanceID
    package var input: Payload
    package var attempt: Int
    /// The same for every attempt and every redelivery.
    package var idempotencyKey: String
    /// What an earlier run reported last, where it is kept.
    package var progress: Payload?

    package init(name: String, instance: InstanceID, input: Payload, attempt: Int, idempotencyKey: String) {
        self.name = name
        self.instance = instance
        self.input = input
        self.attempt = attempt
        self.idempotencyKey = idempotencyKey
    }
}

/// Runs activities for an edge that takes tasks from the broker.
package protocol ActivityRunner: Sendable {
    var activityNames: [String] { get }
    /// Tasks of one activity that may run at once.
    var concurrency: Int { get }
    /// Never throws: whatever the activity does becomes an outcome. Nil when it was stopped before it had one:
    /// the task then goes back to the broker.
    ///
    /// - Parameter report: receives the activity's progress; returns at once.
    func run(_ task: ActivityTask, report: @escaping @Sendable (Payload) -> Void) async -> TaskResult.Outcome?
}
