/// A request to start an instance.
package struct StartRequest: Equatable, Sendable {
    /// What happens to a start when its id is taken.
    package enum Existing: String, Sendable, CaseIterable {
        /// An instance of the same orchestrator that has ended is replaced; any other refuses the start.
        case replaceEnded = "replace"
        /// Any instance refuses the start, ended or not.
        case refuse
        /// An existing instance of the same orchestrator is used in place of a new one; any other refuses the start.
        case use
    }

    /// An event that the instance finds when it begins.
    package struct Event: Equatable, Sendable {
        package var name: String
        package var payload: Payload

        package init(name: String, payload: Payload) {
            self.name = name
            self.payload = payload
        }
    }

    package var orchestrator: String
    package var input: Payload
    /// The version that the instance keeps for life; the node's own when nil.
    package var version: String?
    package var tags: [String: String]
    /// The earliest time to begin; at once when nil.
    package var startTime: Timestamp?
    package var existing: Existing
    /// Raised in the same step, also to an instance that is used instead of being started.
    package var event: Event?
    /// The instance's custom status until its code sets another; nil for none.
    package var customStatus: Payload?
    /// The task that gets the instance's outcome as its result.
    package var parent: TaskAddress?
    /// True when a failed instance of that parent is to be rewound instead of replaced.
    package var takesUp: Bool

    package init(
        orchestrator: String,
        input: Payload,
        version: String? = nil,
        tags: [String: String] = [:],
        startTime: Timestamp? = nil,
        existing: Existing = .replaceEnded,
        event: Event? = nil,
        customStatus: Payload? = nil,
        parent: TaskAddress? = nil,
        takesUp: Bool = false
    ) {
        self.orchestrator = orchestrator
        self.input = input
        self.version = version
        self.tags = tags
        self.startTime = startTime
        self.existing = existing
        self.event = event
        self.customStatus = customStatus
        self.parent = parent
        self.takesUp = takesUp
    }
}

extension StartRequest {
    /// A start with what another instance was started with; a taken id refuses it.
    package init(again former: InstanceStatus) {
        self.init(
            orchestrator: former.name,
            input: former.input,
            version: former.traits.version,
            tags: former.traits.tags,
            existing: .refuse
        )
    }
}
