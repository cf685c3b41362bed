import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

extension Gateway {
    // MARK: DELETE /instances/{id}

    func purge(_ segment: String, _ call: Call) async throws -> Response {
        guard let instance = try? InstanceID(segment) else { throw Problem.notFound }
        try await deliver(.purge(children: call.isRecursive), to: instance, key: call.idempotencyKey)
        return Self.deleted(1)
    }

    // MARK: DELETE /instances

    /// The model names the candidates, each partition decides: only what has ended there is purged.
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
                deleted += try await purge(candidates, children: call.isRecursive)
                last = end
            }
        } catch let error as HubUnavailable {
            throw Problem.unavailable("\(error.message); \(deleted) instances were deleted before, more may follow")
        }
        guard deleted > 0 else { throw Problem.notFound }
        return Self.deleted(deleted)
    }

    private static let purgesAtOnce = 16

    private func purge(_ candidates: [InstanceID], children: Bool) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var deleted = 0
            for (index, instance) in candidates.enumerated() {
                if index >= Self.purgesAtOnce, try await group.next() == true { deleted += 1 }
                group.addTask {
                    let command = Command(
                        instance: instance,
                        action: .purge(children: children),
                        messageID: makeID(),
                        isInteractive: true
                    )
                    guard case .accepted = try await client.send(command, ordered: false) else { return false }
                    recent.changed(instance)
                    return true
                }
            }
            for try await purged in group where purged { deleted += 1 }
            return deleted
        }
    }

    private static func deleted(_ count: Int) -> Response {
        var body = JSONObject()
        body.add("instancesDeleted", Int64(count))
        return .json(.ok, body.bytes)
    }
}
