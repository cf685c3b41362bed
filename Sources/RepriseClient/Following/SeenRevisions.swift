package import Reprise

/// What has been seen of an instance, so that nothing is reported twice, or the past after the present.
///
/// Gateways lag by different amounts: behind a proxy, or after a restart, an answer may be older than the one before.
package struct SeenRevisions: Sendable {
    private var last: OrchestrationStatus?

    package init() {}

    package var revision: Revision? { last?.revision }
    package var isAnything: Bool { last != nil }
    package var isEnded: Bool { last?.isEnded == true }

    package mutating func isNew(_ status: OrchestrationStatus) -> Bool {
        guard let last else {
            self.last = status
            return true
        }
        let isNew =
            if let old = last.revision, let new = status.revision {
                new > old
            } else {
                // Without revisions, the time must do, at its precision of a second.
                status != last
                    && (status.createdTime, status.lastUpdatedTime) >= (last.createdTime, last.lastUpdatedTime)
            }
        if isNew { self.last = status }
        return isNew
    }
}
