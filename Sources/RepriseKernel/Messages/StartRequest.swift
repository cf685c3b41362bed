/// What a start asks for.
package struct StartRequest: Equatable, Sendable {
    /// What becomes of a start when its id is taken.
    package enum Existing: String, Sendable, CaseIterable {
        /// An instance of the same orchestrator that has ended is replaced; any other refuses the start.
        case replaceEnded = "replace"
        /// Any instance refuses the start, ended or not: once is once.
        case refuse
        /// Any instance of the same orchestrator is taken for the one that was to be started; any other refuses the start.
        case use
    }

    /// An event that the instance is to find when it begins.
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
    /// Not before; at once when nil.
    package var startTime: Timestamp?
    package var existing: Existing
    /// Raised in the same step, also to an instance that is used instead of being started.
    package var event: Event?
    /// What the instance says of itself until its code says something else; nil for nothing.
    package var customStatus: Payload?
    /// The task whose result the instance's end is.
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
    /// What an instance was started with once more, beside it: an id that is taken refuses.
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
