public import Reprise
import RepriseKernel

extension RepriseClient {
    /// What has happened to an orchestration since it was started, oldest first; of one that continues as new, since its
    /// last execution began.
    ///
    /// - Parameter payloads: whether inputs and results come along.
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none of this id.
    public func history(of id: InstanceID, payloads: Bool) async throws -> [OrchestrationEvent] {
        var request = GatewayRequest(.get, "instances", id.value)
        request.query = [
            ("showHistory", "true"), ("showInput", payloads ? "true" : "false"),
            ("showHistoryOutput", payloads ? "true" : "false"),
        ]
        let answer = try await granted(request, by: [200, 202])
        guard let members = try answer.json().members, members["instanceId"] != nil else {
            throw answer.unexpected("it is no status")
        }
        // One that is still pending has none.
        let events = (members["historyEvents"]?.elements ?? []).map { OrchestrationEvent($0) }
        guard !events.contains(nil) else { throw answer.unexpected("an event of the history is unknown") }
        return events.compactMap(\.self)
    }
}
