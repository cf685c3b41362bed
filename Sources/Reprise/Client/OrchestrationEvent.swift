public import Foundation
public import RepriseKernel

/// One event of an orchestration's history, as clients are told it: what was scheduled and has come to something is told
/// by what came of it.
public struct OrchestrationEvent: Sendable, Equatable {
    /// What happened. An open set: a later release of the gateway may add more.
    public struct Kind: OpenWord {
        /// The `EventType` of the gateway's answers: `TaskCompleted`.
        public let rawValue: String
        /// A kind of this name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// It began.
        public static let executionStarted = Kind(rawValue: "ExecutionStarted")
        /// It ended, or goes on as a new execution: ``OrchestrationEvent/runtimeStatus`` says which.
        public static let executionCompleted = Kind(rawValue: "ExecutionCompleted")
        /// It was suspended.
        public static let executionSuspended = Kind(rawValue: "ExecutionSuspended")
        /// It was resumed.
        public static let executionResumed = Kind(rawValue: "ExecutionResumed")
        /// It was terminated.
        public static let executionTerminated = Kind(rawValue: "ExecutionTerminated")
        /// Something else: that it was asked to cancel, or a step that a rewind has undone. The reason says which.
        public static let generic = Kind(rawValue: "GenericEvent")
        /// It was rewound after a failure.
        public static let executionRewound = Kind(rawValue: "ExecutionRewound")
        /// An activity that has not come to anything yet.
        public static let taskScheduled = Kind(rawValue: "TaskScheduled")
        /// An activity returned.
        public static let taskCompleted = Kind(rawValue: "TaskCompleted")
        /// An attempt at an activity failed.
        public static let taskFailed = Kind(rawValue: "TaskFailed")
        /// A timer that is not due yet, or was given up.
        public static let timerCreated = Kind(rawValue: "TimerCreated")
        /// A timer was due.
        public static let timerFired = Kind(rawValue: "TimerFired")
        /// An external event came.
        public static let eventRaised = Kind(rawValue: "EventRaised")
        /// It sent an event to another instance.
        public static let eventSent = Kind(rawValue: "EventSent")
        /// A sub-orchestration that goes on, or one that was started and is not waited for.
        public static let subOrchestrationCreated = Kind(rawValue: "SubOrchestrationInstanceCreated")
        /// A sub-orchestration returned.
        public static let subOrchestrationCompleted = Kind(rawValue: "SubOrchestrationInstanceCompleted")
        /// A sub-orchestration failed, was terminated or could not be started.
        public static let subOrchestrationFailed = Kind(rawValue: "SubOrchestrationInstanceFailed")
        /// An entity answered.
        public static let entityOperationCompleted = Kind(rawValue: "EntityOperationCompleted")
        /// An entity operation failed.
        public static let entityOperationFailed = Kind(rawValue: "EntityOperationFailed")
    }

    /// What happened.
    public let kind: Kind
    /// When the step was taken.
    public let time: Date
    /// When the activity, sub-orchestration or operation was asked for whose end this is.
    public let scheduledTime: Date?
    /// Of the orchestrator, the activity, the event or the operation.
    public let name: String?
    /// The other instance, or the entity as `@name@key`, where there is one.
    public let instance: String?
    /// When a timer is due, or was.
    public let fireTime: Date?
    /// In which status an execution ended.
    public let runtimeStatus: RuntimeStatus?
    /// Why, in words: of failures, suspensions and the like.
    public let reason: String?

    private let inputPayload: Payload
    private let resultPayload: Payload

    /// What came in: the orchestration's own input, an activity's, an event's data. Nil for null, or where there is none.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func input<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        inputPayload.isNull ? nil : try inputPayload.decoded(as: type, "the input of '\(kind)'")
    }

    /// What came of it; nil for null, or where there is none.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func result<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        resultPayload.isNull ? nil : try resultPayload.decoded(as: type, "the result of '\(kind)'")
    }

    /// - Returns: nil for what does not say what happened and when.
    package init?(_ view: JSONView) {
        guard let members = view.members, let type = members["EventType"]?.text,
            let time = Self.date(members["Timestamp"])
        else { return nil }
        kind = Kind(rawValue: type)
        self.time = time
        scheduledTime = Self.date(members["ScheduledTime"])
        name = members["Name"]?.text ?? members["FunctionName"]?.text
        instance = members["InstanceId"]?.text
        fireTime = Self.date(members["FireAt"])
        runtimeStatus = members["OrchestrationStatus"]?.text.flatMap(RuntimeStatus.init)
        reason = Self.reason(members["Reason"]) ?? members["FailureDetails"]?.members?["ErrorMessage"]?.text
        inputPayload = members["Input"]?.payload ?? .null
        resultPayload = members["Result"]?.payload ?? .null
    }

    private static func date(_ view: JSONView?) -> Date? {
        view?.time.map(\.date)
    }

    /// Text as it is, another value as JSON.
    private static func reason(_ view: JSONView?) -> String? {
        guard let view, !view.isNull else { return nil }
        return view.text ?? view.payload.text
    }
}
