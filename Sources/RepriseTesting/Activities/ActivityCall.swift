public import Foundation
public import Reprise
public import RepriseKernel

/// One run of an activity: an attempt runs again when its worker dies.
public struct ActivityCall: Sendable, Hashable, CustomStringConvertible {
    /// The activity.
    public let name: String
    /// The orchestration that called it.
    public let instanceID: InstanceID
    /// Starts at 1; counted by the orchestrator's retry policy.
    public let attempt: Int
    /// The same for every attempt and every run of one call.
    public let idempotencyKey: String
    /// The simulated time at which a worker took it.
    public let time: Date
    private let payload: Payload

    init(_ job: ActivityJob, at now: Timestamp) {
        name = job.task.task.name
        instanceID = job.task.instance
        attempt = job.task.task.attempt
        idempotencyKey = job.key
        time = now.date
        payload = job.task.task.input
    }

    /// What the orchestrator passed.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func input<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value {
        try payload.decoded(as: type, "the input of '\(name)'")
    }

    /// `SayHello("Tokyo")`, with the attempt when it is not the first.
    public var description: String { "\(name)(\(payload.text))" + (attempt == 1 ? "" : ", attempt \(attempt)") }
}
