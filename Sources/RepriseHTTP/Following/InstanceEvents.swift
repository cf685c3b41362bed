import RepriseKernel
import RepriseStatus

/// The changes of one instance, from a cursor to its end, interleaved with the progress of its activities for readers
/// who ask for it: events of their own kind, without an id, since no one can resume from them.
struct InstanceEvents: EventSource {
    let gateway: Gateway
    let instance: InstanceID
    private(set) var cursor: Cursor
    private let showsProgress: Bool
    private var progress: [ActivityProgress] = []
    private var filling = GapFilling()
    private static let pageSize = 200

    init(gateway: Gateway, instance: InstanceID, after cursor: Cursor, showingProgress showsProgress: Bool) {
        self.gateway = gateway
        self.instance = instance
        self.cursor = cursor
        self.showsProgress = showsProgress
    }

    func changes() -> AsyncStream<Void> { gateway.model.changes(of: instance) }

    mutating func next() async throws -> EventPiece {
        guard
            let timeline = try await gateway.timeline(
                of: instance,
                after: cursor,
                limit: Self.pageSize,
                filling: &filling
            )
        else { return .over }
        guard let last = timeline.changes.last else {
            if timeline.current.runtimeStatus.isEnded, cursor.isReached(by: timeline.current) { return .over }
            let changes = try await progressChanges()
            return changes.isEmpty ? .nothingYet : .said(changes)
        }
        cursor = Cursor(last.status)
        return .said(
            timeline.changes.flatMap { ServerSentEvent(id: Cursor($0.status).id, data: JSONObject($0)).bytes }
        )
    }

    private mutating func progressChanges() async throws -> [UInt8] {
        guard showsProgress else { return [] }
        let known = progress
        progress = try await gateway.model.activityProgress(of: instance)
        return progress.filter { !known.contains($0) }.flatMap {
            ServerSentEvent(kind: "progress", data: JSONObject($0)).bytes
        }
    }
}
