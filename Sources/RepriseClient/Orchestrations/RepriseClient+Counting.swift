public import Reprise
import RepriseKernel

/// How many orchestrations there are, and how many of each kind.
public struct OrchestrationCounts: Sendable, Equatable {
    /// The orchestrations that share one value.
    public struct Group: Sendable, Equatable {
        /// How many there are.
        public let count: Int
        /// True when they have no such value at all, which differs from null.
        public let isMissing: Bool
        package let payload: Payload

        /// The value they share; nil for null, and when there is none.
        ///
        /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
        public func value<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
            payload.isNull ? nil : try payload.decoded(as: type, "the value of a group")
        }
    }

    /// How many match in total.
    public let total: Int
    /// The largest first.
    public let groups: [Group]
    /// True when there are more groups than these; ``total`` counts them too.
    public let isTruncated: Bool
}

extension RepriseClient {
    /// Counts the matching orchestrations, in total and grouped by a field or a path.
    ///
    /// ```swift
    /// for stage in try await client.count(by: "customStatus.stage").groups { print(stage) }
    /// ```
    /// On a hub with very many instances, a path needs an index to be fast: `reprise index add 'customStatus.stage'`.
    ///
    /// - Throws: ``RepriseError``, or `CancellationError`.
    public func count(_ filter: InstanceFilter = InstanceFilter(), by path: String? = nil) async throws
        -> OrchestrationCounts
    {
        var request = GatewayRequest(.get, "counts")
        request.root = .own
        request.query = filter.query()
        if let path { request.query.append(("groupBy", path)) }
        let answer = try await granted(request, by: [200])
        let json = try answer.json()
        guard let counts = OrchestrationCounts(json) else { throw answer.unexpected("it contains no counts") }
        return counts
    }
}

extension OrchestrationCounts {
    fileprivate init?(_ view: JSONView) {
        guard let members = view.members, let total = members["total"]?.integer,
            let views = members["groups"]?.elements, let isTruncated = members["isTruncated"]?.bool
        else { return nil }
        let groups = views.compactMap { Group($0) }
        guard groups.count == views.count else { return nil }
        self.init(total: Int(total), groups: groups, isTruncated: isTruncated)
    }
}

extension OrchestrationCounts.Group {
    fileprivate init?(_ view: JSONView) {
        guard let members = view.members, let count = members["count"]?.integer, let value = members["value"] else {
            return nil
        }
        self.init(count: Int(count), isMissing: members["isMissing"]?.bool ?? false, payload: value.payload)
    }
}
