public import Foundation
package import RepriseKernel

/// How far an activity says it has got: what it passed to ``ActivityContext/reportProgress(_:)-(Encodable)``.
public struct ActivityProgress: Sendable, Equatable, CustomStringConvertible {
    /// The activity's name.
    public let activity: String
    /// Numbers the call within its orchestration.
    public let task: Int64
    /// Starts at 1; counted by the orchestrator's retry policy.
    public let attempt: Int
    /// When its node received it.
    public let time: Date
    private let payload: Payload

    package init(activity: String, task: Int64, attempt: Int, time: Timestamp, value: Payload) {
        self.activity = activity
        self.task = task
        self.attempt = attempt
        self.time = time.date
        payload = value
    }

    /// What it reported.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func value<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value {
        try payload.decoded(as: type, "the progress of '\(activity)'")
    }

    /// `Ship {"packed":3}`, with the attempt when it is not the first.
    public var description: String { "\(activity) \(payload.text)" + (attempt == 1 ? "" : ", attempt \(attempt)") }
}
