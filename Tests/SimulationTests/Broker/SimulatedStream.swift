import RepriseEngine

/// A stream of the broker: records in order, with offsets that rise, and skip one wherever a segment ends.
struct SimulatedStream {
    let made: Duration
    private(set) var entries: [LogEntry] = []
    private var nextOffset: Int64 = 0
    private static let segment = 13

    init(made: Duration) { self.made = made }

    mutating func append(_ bytes: [UInt8]) {
        entries.append(LogEntry(offset: nextOffset, bytes: bytes))
        nextOffset += entries.count % Self.segment == 0 ? 2 : 1
    }

    var lastOffset: Int64? { entries.last?.offset }

    func entries(from offset: Int64, limit: Int) -> ArraySlice<LogEntry> {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return entries[low...].prefix(limit)
    }

    /// A power cut takes what was not on disk yet.
    mutating func lose(last count: Int) { entries.removeLast(min(count, entries.count)) }
}
