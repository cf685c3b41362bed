/// How far a worker says it has come with a task. For people: no part of history, and lost without harm.
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

/// What observers hear of a task's progress: beside the status, without a version and without a sequence.
package struct ProgressMessage: Equatable, Sendable {
    package var instance: InstanceID
    /// The orchestrator's.
    package var name: String
    package var incarnation: Incarnation
    package var partition: PartitionNumber
    /// Of the owner that says so: what an owner before it said counts no more.
    package var epoch: Epoch
    package var activity: String
    package var task: TaskID
    package var attempt: Int
    /// When the partition heard of it.
    package var time: Timestamp
    /// Nil when the task is open no more: there is no progress to be shown.
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
