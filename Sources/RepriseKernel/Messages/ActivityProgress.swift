/// How far a worker says it has got with a task. For people, and harmless to lose; with a heartbeat limit, for the next
/// attempt too.
package struct ProgressReport: Equatable, Sendable {
    package var instance: InstanceID
    package var token: TaskToken
    package var value: Payload

    package init(instance: InstanceID, token: TaskToken, value: Payload) {
        self.instance = instance
        self.token = token
        self.value = value
    }
}

/// A task's progress as published to observers: beside the status, without a version or a sequence.
package struct ProgressMessage: Equatable, Sendable {
    package var instance: InstanceID
    /// The orchestrator's.
    package var name: String
    package var incarnation: Incarnation
    package var partition: PartitionNumber
    /// The epoch of the owner that says so: reports of earlier owners no longer count.
    package var epoch: Epoch
    package var activity: String
    package var task: TaskID
    package var attempt: Int
    /// When the partition received it.
    package var time: Timestamp
    /// Nil when the task is no longer open: there is no progress to show.
    package var value: Payload?

    package init(
        instance: InstanceID,
        name: String,
        incarnation: Incarnation,
        partition: PartitionNumber,
        epoch: Epoch,
        activity: String,
        task: TaskID,
        attempt: Int,
        time: Timestamp,
        value: Payload?
    ) {
        self.instance = instance
        self.name = name
        self.incarnation = incarnation
        self.partition = partition
        self.epoch = epoch
        self.activity = activity
        self.task = task
        self.attempt = attempt
        self.time = time
        self.value = value
    }
}
