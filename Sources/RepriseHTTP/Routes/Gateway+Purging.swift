import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

extension Gateway {
    // MARK: DELETE /instances/{id}

    func purge(_ segment: String, _ call: Call) async throws -> Response {
        guard let instance = try? InstanceID(segment) else { throw Problem.noInstance(segment) }
        let families = try await families(of: [instance], call)
        try await deliver(.purge(children: call.isRecursive), to: instance, key: call.idempotencyKey)
        return Self.deleted(1 + (try await purge(families[instance] ?? [], .descendants).count))
    }

    // MARK: DELETE /instances

    /// The model supplies the candidates, and each partition decides: only what has ended there is purged.
    func purgeMany(_ call: Call) async throws -> Response {
        let query = call.target.query
        guard query["createdTimeFrom"]?.isEmpty == false else {
            let text = "Please provide value for 'createdTimeFrom' parameter."
            return .json(.badRequest, Payload.string(text).bytes)
        }
        try query.checkFilters()
        var filter = try query.filter(now: now())
        filter.createdTo = filter.createdTo ?? now()
        var deleted = 0
        var last: InstanceID?
        do {
            while true {
                let candidates = try await model.purgeCandidates(filter, after: last, limit: 256)
                guard let end = candidates.last else { break }
                let families = try await families(of: candidates, call)
                let purged = try await purge(candidates, .roots(children: call.isRecursive))
                deleted += purged.count
                deleted += try await purge(purged.flatMap { families[$0] ?? [] }, .descendants).count
                last = end
            }
        } catch let error as HubUnavailable {
            throw Problem.unavailable("\(error.message); \(deleted) instances were deleted before, more may follow")
        }
        guard deleted > 0 else { throw Problem(.notFound, "There is no ended instance that matches the filter") }
        return Self.deleted(deleted)
    }

    private static let purgesAtOnce = 16

    /// Further descendants are purged by their parents' partitions, and not counted.
    private static let maximumOfFamilies = 100_000

    private func families(of roots: [InstanceID], _ call: Call) async throws -> [InstanceID: [InstanceID]] {
        call.isRecursive ? try await model.endedDescendants(of: roots, limit: Self.maximumOfFamilies) : [:]
    }

    private enum Purged {
        case roots(children: Bool)
        /// Descendants of an instance just purged: its partition may have been faster, and then there is nothing left
        /// to refuse.
        case descendants
    }

    /// - Returns: those that this purged.
    private func purge(_ candidates: [InstanceID], _ what: Purged) async throws -> [InstanceID] {
        var children = false
        var isGoneAnyway = false
        switch what {
        case .roots(let isRecursive): children = isRecursive
        case .descendants: isGoneAnyway = true
        }
        return try await withThrowingTaskGroup(of: InstanceID?.self) { [children, isGoneAnyway] group in
            var purged: [InstanceID] = []
            for (index, instance) in candidates.enumerated() {
                if index >= Self.purgesAtOnce, let one = try await group.next(), let one { purged.append(one) }
                group.addTask {
                    let command = Command(
                        instance: instance,
                        action: .purge(children: children),
                        isInteractive: true
                    )
                    switch try await client.send(command, ordered: false) {
                    case .accepted: break
                    case .rejected(let rejection) where isGoneAnyway && rejection.code == .unknownInstance: break
                    default: return nil
                    }
                    recent.changed(instance)
                    return instance
                }
            }
            for try await one in group { if let one { purged.append(one) } }
            return purged
        }
    }

    private static func deleted(_ count: Int) -> Response {
        var body = JSONObject()
        body.add("instancesDeleted", Int64(count))
        return .json(.ok, body.bytes)
    }
}
