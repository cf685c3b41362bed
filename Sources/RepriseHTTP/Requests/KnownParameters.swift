import HTTPTypes
import RepriseKernel

/// The parameters that routes have which choose among many: what is misspelt there is a filter that lets all pass.
extension QueryParameters {
    func check(for route: Route) throws(Problem) {
        guard let known = Self.known(by: route) else { return }
        let all = known.union(Self.ofEveryClient)
        let lowercased = Set(all.map { $0.lowercased() })
        guard let strange = names.subtracting(lowercased).min() else { return }
        throw Problem(
            .badRequest,
            "There is no parameter '\(strange.prefix(60))' here; there are: \(known.sorted().joined(separator: ", "))"
        )
    }

    /// Nil for a route where a parameter more does no harm.
    private static func known(by route: Route) -> Set<String>? {
        switch route {
        case .list: filters.union(["orderBy", "showInput", "top"])
        case .counts: filters.union(["groupBy"])
        case .purgeMany: filters.union(["recursive"])
        case .purge: ["recursive"]
        case .stream: ["filter", "instanceIdPrefix", "lastEventId", "name"]
        case .entities: ["fetchState", "lastOperationTimeFrom", "lastOperationTimeTo", "top"]
        default: nil
        }
    }

    private static let filters: Set<String> = [
        "createdTimeFrom", "createdTimeTo", "runtimeStatus", "instanceIdPrefix", "name", "parentInstanceId", "tag",
        "filter",
    ]
    /// What clients of the reference send along, wherever it goes.
    private static let ofEveryClient: Set<String> = [
        "taskHub", "connection", "code", "showHistory", "showHistoryOutput",
    ]
}
