import RepriseKernel
import RepriseStatus

/// The changes of one instance, from a cursor to its end.
struct InstanceEvents: EventSource {
    let gateway: Gateway
    let instance: InstanceID
    private(set) var cursor: Cursor
    private var filling = Filling()
    private static let pageSize = 200

    init(gateway: Gateway, instance: InstanceID, after cursor: Cursor) {
        self.gateway = gateway
        self.instance = instance
        self.cursor = cursor
    }

    func bell() -> AsyncStream<Void> { gateway.model.changes(of: instance) }

    mutating func next() async throws -> EventPiece {
        guard
            let story = try await gateway.story(of: instance, after: cursor, limit: Self.pageSize, filling: &filling)
        else { return .over }
        guard let last = story.changes.last else {
            return story.current.runtimeStatus.isEnded && cursor.isReached(by: story.current) ? .over : .nothingYet
        }
        cursor = Cursor(last.status)
        return .said(
            story.changes.flatMap { ServerSentEvent(id: Cursor($0.status).id, data: JSONObject($0)).bytes }
        )
    }
}
