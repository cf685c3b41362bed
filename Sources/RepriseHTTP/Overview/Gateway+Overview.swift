import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

/// What a person wants to know first.
extension Gateway {
    private static let newest = 20
    /// How long the broker may take to report what waits for workers.
    private static let timeout = Duration.seconds(2)

    // MARK: GET /overview

    /// How many instances have each status, how fast they start and end, what waits for workers, and the newest
    /// instances.
    func overview() async throws -> Response {
        let counts = try await overviewCache.counts.value { try await model.countByStatus() }
        let activities = try await overviewCache.activities.value { await backlogs() }
        var numbers = JSONObject()
        for status in RuntimeStatus.allCases where counts[status] != nil {
            numbers.add(status.rawValue, Int64(counts[status] ?? 0))
        }
        var body = JSONObject()
        body.add("hub", client.hub.value)
        body.add("readOnly", configuration.isReadOnly)
        body.add("counts", numbers)
        body.add("rate", Self.json(model.rate.counts(at: now())))
        if let activities { body.add("activities", activities.map(Self.json)) } else { body.addNull("activities") }
        body.add("deadLetters", try await overviewCache.deadLetters.value { await deadLetterCount() }.map(Int64.init))
        body.add("instances", try await model.newest(Self.newest).map(Self.json))
        return .json(.ok, body.bytes, headers: [.cacheControl: "no-store"])
    }

    /// Nil when there is no broker to ask, or no answer in time.
    private func backlogs() async -> [ActivityBacklog]? {
        guard let source else { return nil }
        return try? await within(Self.timeout, of: clock) { try await source.activities() }
    }

    private static func json(_ rate: RecentRate.Counts) -> JSONObject {
        var object = JSONObject()
        object.add("started", Int64(rate.started))
        object.add("ended", Int64(rate.ended))
        object.add("seconds", Int64(rate.seconds))
        return object
    }

    private static func json(_ backlog: ActivityBacklog) -> JSONObject {
        var object = JSONObject()
        object.add("name", backlog.name)
        object.add("waiting", Int64(backlog.waiting))
        object.add("workers", Int64(backlog.workers))
        return object
    }

    private static func json(_ status: InstanceStatus) -> JSONObject {
        var object = JSONObject()
        object.add("name", status.name)
        object.add("instanceId", status.instance.value)
        object.add("runtimeStatus", status.runtimeStatus.rawValue)
        object.add("customStatus", status.customStatus)
        object.add("createdTime", TimeText.milliseconds(status.createdTime))
        object.add("lastUpdatedTime", TimeText.milliseconds(status.lastUpdatedTime))
        return object
    }
}
