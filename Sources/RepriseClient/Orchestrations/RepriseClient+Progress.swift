public import Foundation
import Reprise
public import RepriseKernel

/// How far an activity says it has come.
public struct ActivityProgress: Sendable, Equatable {
    public let activity: String
    /// Numbers the call within its orchestration.
    public let task: Int64
    /// From 1; counted by the orchestrator's retry policy.
    public let attempt: Int
    /// When its node heard of it.
    public let time: Date
    private let payload: Payload

    init?(_ view: JSONView) {
        guard let members = view.members, let activity = members["activity"]?.text,
            let task = members["task"]?.integer, let attempt = members["attempt"]?.integer,
            let time = members["time"]?.text.flatMap({ TimeText.parse($0, rounding: .down) }),
            let value = members["value"]
        else { return nil }
        self.activity = activity
        self.task = task
        self.attempt = Int(clamping: attempt)
        self.time = Date(time)
        payload = value.payload
    }

    /// What it said.
    ///
    /// - Throws: ``RepriseClientError`` with the code `unreadablePayload` when it is no `Value`.
    public func value<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseClientError) -> Value {
        try payload.decoded(as: type, "the progress of '\(activity)'")
    }
}

extension RepriseClient {
    /// What the activities of an orchestration say of their progress now: the newest report of each that is at work.
    ///
    /// Reports may be missing (they are lost with a node, until the activity reports again); none is of an activity that has
    /// ended.
    ///
    /// - Throws: ``RepriseClientError``: `unknownInstance` when there is none of this id.
    public func progress(of id: InstanceID) async throws -> [ActivityProgress] {
        var request = Self.statusRequest(id)
        request.query = [("showProgress", "true"), ("showInput", "false")]
        let answer = try await granted(request, by: [200, 202])
        guard let reports = try answer.json().members?["progress"]?.elements else {
            throw answer.unexpected("it tells of no progress")
        }
        return reports.compactMap(ActivityProgress.init)
    }
}
