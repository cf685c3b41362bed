import HTTPTypes
import RepriseKernel

/// The parameters that routes have: a misspelt one is a filter that lets all pass, or a start that does not wait.
extension QueryParameters {
    func check(for route: Route) throws(Problem) {
        guard let known = Self.known(by: route) else { return }
        let all = known.union(Self.ofEveryClient)
        let lowercased = Set(all.map { $0.lowercased() })
        guard let strange = names.subtracting(lowercased).min() else { return }
        throw Problem(
            .badRequest,
            "There is no parameter '\(strange.prefix(60))' here; "
                + (known.isEmpty ? "there are none" : "there are: \(known.sorted().joined(separator: ", "))")
        )
    }

    /// Nil for a route where a parameter more does no harm.
    static func known(by route: Route) -> Set<String>? {
        switch route {
        case .list: filters.union(["orderBy", "showInput", "top"])
        case .counts: filters.union(["groupBy"])
        case .purgeMany: filters.union(["recursive"])
        case .purge: ["recursive"]
        case .start:
            waits.union(["version", "startAt", "tag", "ifExists", "raiseEvent", "customStatus"])
        case .restart: waits.union(["restartWithNewInstanceId", "newInstanceId"])
        case .status:
            [
                "showInput", "showHistory", "showHistoryOutput", "returnInternalServerErrorOnFailure", "showProgress",
                "minVersion", "until", "lastEventId",
            ]
        case .statuses: ["after", "at", "top"]
        case .tree: ["depth", "top"]
        case .terminate: ["reason", "recursive"]
        case .suspend, .resume, .rewind: ["reason"]
        case .signal: ["op", "signalAt"]
        case .removeIndex: ["path"]
        case .raiseEvent, .resend, .entity, .deleteEntity, .indexes, .addIndex: []
        case .stream: ["filter", "instanceIdPrefix", "lastEventId", "name"]
        case .entities: ["fetchState", "lastOperationTimeFrom", "lastOperationTimeTo", "top"]
        case .page, .asset, .overview, .health, .cluster, .orchestrators, .document, .unknown, .wrongVerb, .illegible:
            nil
        }
    }

    private static let waits: Set<String> = ["timeout", "pollingInterval", "returnInternalServerErrorOnFailure"]
    private static let filters: Set<String> = [
        "createdTimeFrom", "createdTimeTo", "runtimeStatus", "instanceIdPrefix", "name", "parentInstanceId", "tag",
        "filter",
    ]
    /// What clients of the reference send along, wherever it goes.
    private static let ofEveryClient: Set<String> = [
        "taskHub", "connection", "code", "showHistory", "showHistoryOutput",
    ]
}
