import RepriseKernel
import RepriseStatus

/// The changes of all requested instances, from a position on, without end.
struct HubEvents: EventSource {
    let model: StatusModel
    private(set) var position: StreamPosition
    private let needsInputs: Bool
    private let isWanted: @Sendable (StatusChange) -> Bool
    private static let pageSize = 500

    init(
        model: StatusModel,
        after position: StreamPosition,
        needsInputs: Bool,
        isWanted: @escaping @Sendable (StatusChange) -> Bool
    ) {
        self.model = model
        self.position = position
        self.needsInputs = needsInputs
        self.isWanted = isWanted
    }

    func changes() -> AsyncStream<Void> { model.allChanges() }

    mutating func next() async throws -> EventPiece {
        while true {
            let lines = try await model.stream(
                after: position,
                limit: Self.pageSize,
                includingInputs: needsInputs
            )
            guard let last = lines.last else { return .nothingYet }
            position = last.position
            let bytes = lines.filter { isWanted($0.change) }.flatMap {
                ServerSentEvent(id: $0.position.description, data: JSONObject($0.change)).bytes
            }
            if !bytes.isEmpty { return .said(bytes) }
        }
    }
}
