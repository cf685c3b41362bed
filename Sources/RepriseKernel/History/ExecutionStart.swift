/// What an execution begins with and keeps.
package struct ExecutionStart: Equatable, Sendable {
    package var name: String
    package var input: Payload
    package var traits: InstanceTraits
    /// The task that waits for the end.
    package var parent: TaskAddress?
    /// From 0; each continue-as-new adds one.
    package var generation: Int64
    /// Tasks are numbered after this one, so that tasks of two generations are never confused.
    package var lastTask: TaskID
    /// The custom status that the previous generation left or, in the first one, that came with the start.
    package var customStatus: Payload

    package init(
        name: String,
        input: Payload,
        traits: InstanceTraits = InstanceTraits(),
        parent: TaskAddress? = nil,
        generation: Int64 = 0,
        lastTask: TaskID = TaskID(0),
        customStatus: Payload = .null
    ) {
        self.name = name
        self.input = input
        self.traits = traits
        self.parent = parent
        self.generation = generation
        self.lastTask = lastTask
        self.customStatus = customStatus
    }
}

/// What an instance gets at its start and keeps for life.
package struct InstanceTraits: Equatable, Sendable {
    /// The orchestrator's version; nil when neither the start nor the node gave one.
    package var version: String?
    package var tags: [String: String]
    /// The instance that called it.
    package var parent: InstanceID?
    /// When it is to begin, if not at once.
    package var startTime: Timestamp?

    package init(
        version: String? = nil,
        tags: [String: String] = [:],
        parent: InstanceID? = nil,
        startTime: Timestamp? = nil
    ) {
        self.version = version
        self.tags = tags
        self.parent = parent
        self.startTime = startTime
    }
}
