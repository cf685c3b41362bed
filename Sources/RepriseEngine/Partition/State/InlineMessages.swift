import RepriseKernel

/// Outbound messages that are in no history, by number until the broker has them; and those decided by the current
/// batch, which get their numbers with its commit.
struct InlineMessages {
    private var encoded: [OutboundNumber: [UInt8]]
    private var decided: [InlineMessage] = []
    private var changes = RowChanges<InlineRow>()

    init(_ rows: [InlineRow]) {
        encoded = Dictionary(rows.map { ($0.number, $0.message) }, uniquingKeysWith: { $1 })
    }

    /// Whether the batch has decided any.
    var hasDecided: Bool { !decided.isEmpty }
    var all: [(number: OutboundNumber, bytes: [UInt8])] {
        encoded.sorted { $0.key < $1.key }.map { (number: $0.key, bytes: $0.value) }
    }

    subscript(number: OutboundNumber) -> [UInt8]? { encoded[number] }

    mutating func send(_ message: InlineMessage) { decided.append(message) }

    mutating func takeDecided() -> [InlineMessage] {
        defer { decided = [] }
        return decided
    }

    /// Keeps one under its number.
    mutating func add(_ message: InlineMessage, number: OutboundNumber, to commit: inout JournalCommit) {
        let bytes = InlineCodec.encode(message)
        encoded[number] = bytes
        commit.inline.write(InlineRow(number: number, message: bytes))
    }

    mutating func remove(_ number: OutboundNumber) {
        if encoded.removeValue(forKey: number) != nil { changes.remove(number) }
    }

    mutating func takeChanges(into commit: inout JournalCommit) { swap(&commit.inline, &changes) }
}
