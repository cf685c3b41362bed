public import Foundation
import Reprise
import RepriseKernel

/// How far an activity said it had come.
public struct ProgressNote: Sendable, Equatable, CustomStringConvertible {
    /// The activity.
    public let activity: String
    /// From 1; counted by the orchestrator's retry policy.
    public let attempt: Int
    /// The simulated time of it.
    public let time: Date
    private let payload: Payload

    init(_ message: ProgressMessage, _ value: Payload) {
        activity = message.activity
        attempt = message.attempt
        time = message.time.date
        payload = value
    }

    /// What it said.
    ///
    /// - Throws: ``TestHubError`` with the code `unreadablePayload` when it is no `Value`.
    public func value<Value: Decodable>(as type: Value.Type = Value.self) throws(TestHubError) -> Value {
        try payload.decoded(as: type, "the progress of '\(activity)'")
    }

    /// `Ship {"packed":3}`, with the attempt when it is not the first.
    public var description: String { "\(activity) \(payload.text)" + (attempt == 1 ? "" : ", attempt \(attempt)") }
}
