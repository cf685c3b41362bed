public import Reprise
import RepriseKernel

extension RepriseClient {
    /// The current progress of an orchestration's activities: the newest report of each one running.
    ///
    /// Reports may be missing (they are lost with a node, until the activity reports again); none comes from an
    /// activity that has ended.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none with this id.
    public func progress(of id: some InstanceIDConvertible) async throws -> [ActivityProgress] {
        var request = Self.statusRequest(try id.checkedID())
        request.query = [("showProgress", "true"), ("showInput", "false")]
        let answer = try await granted(request, by: [200, 202])
        guard let reports = try answer.json().members?["progress"]?.elements else {
            throw answer.unexpected("it contains no progress")
        }
        return reports.compactMap { ActivityProgress($0) }
    }
}

extension ActivityProgress {
    /// A report as the gateway writes it; nil for anything else.
    fileprivate init?(_ view: JSONView) {
        guard let members = view.members, let activity = members["activity"]?.text,
            let task = members["task"]?.integer, let attempt = members["attempt"]?.integer,
            let time = members["time"]?.time, let value = members["value"]
        else { return nil }
        self.init(
            activity: activity,
            task: task,
            attempt: Int(clamping: attempt),
            time: time,
            value: value.payload
        )
    }
}
