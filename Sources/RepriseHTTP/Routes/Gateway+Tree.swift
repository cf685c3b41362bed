import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

extension Gateway {
    // MARK: GET /instances/{id}/tree

    /// An instance with its sub-orchestrations, their statuses rolled up as the read model knows them.
    func tree(of segment: String, _ call: Call) async throws -> Response {
        guard let instance = try? InstanceID(segment) else { throw Problem.noInstance(segment) }
        let limits = try TreeLimits(call.target.query)
        guard let root = try await current(instance) else { throw Problem.noInstance(instance.value) }
        let tree = try await model.tree(under: root, depth: limits.depth, limit: limits.count)
        var body = JSONObject(tree)
        body.add("isTruncated", tree.isTruncated)
        return .json(.ok, body.bytes, headers: [.cacheControl: "no-cache"])
    }
}

/// How much of a family is shown.
private struct TreeLimits {
    var depth = 8
    var count = 200

    static let deepest = 32
    static let most = 1_000

    init(_ query: QueryParameters) throws(Problem) {
        if let depth = try query.wholeNumber("depth", in: 0...Self.deepest) { self.depth = depth }
        if let count = try query.wholeNumber("top", in: 1...Self.most) { self.count = count }
    }
}

extension JSONObject {
    fileprivate init(_ tree: InstanceTree) {
        self.init()
        let status = tree.status
        add("instanceId", status.instance.value)
        add("name", status.name)
        add("runtimeStatus", status.runtimeStatus.rawValue)
        add("customStatus", status.customStatus)
        add("createdTime", TimeText.milliseconds(status.createdTime))
        add("lastUpdatedTime", TimeText.milliseconds(status.lastUpdatedTime))
        add(
            "children",
            tree.children.map { child in
                var object = JSONObject(child)
                if child.isCutOff { object.add("isTruncated", true) }
                return object
            }
        )
    }
}
