public import Reprise
import RepriseKernel

extension RepriseClient {
    /// What has happened to an orchestration since it was started, oldest first; for one that continued as new, since
    /// its latest execution began.
    ///
    /// - Parameter payloads: whether inputs and results come along.
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none with this id.
    public func history(of id: InstanceID, payloads: Bool) async throws -> [OrchestrationEvent] {
        var request = GatewayRequest(.get, "instances", id.value)
        request.query = [
            ("showHistory", "true"), ("showInput", payloads ? "true" : "false"),
            ("showHistoryOutput", payloads ? "true" : "false"),
        ]
        let answer = try await granted(request, by: [200, 202])
        guard let members = try answer.json().members, members["instanceId"] != nil else {
            throw answer.unexpected("it is not a status")
        }
        // An instance that is still pending has none.
        let events = (members["historyEvents"]?.elements ?? []).map { OrchestrationEvent($0) }
        guard !events.contains(nil) else { throw answer.unexpected("an event of the history cannot be read") }
        return events.compactMap(\.self)
    }
}
