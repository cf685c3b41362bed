import RepriseEngine

/// A partition's inbox: a queue with one active consumer, the longest waiting one.
struct SimulatedInbox {
    private(set) var ready: [Letter] = []
    private(set) var consumers: [Tenure] = []
    private(set) var unacknowledged: [(tenure: Tenure, tag: UInt64, letter: Letter)] = []
    private var lastTag: UInt64 = 0

    var isEmpty: Bool { ready.isEmpty && unacknowledged.isEmpty }

    /// All that is in it, in its order, and whether the consumer has it.
    var all: [(letter: Letter, wasDelivered: Bool)] {
        (unacknowledged.map { ($0.letter, true) } + ready.map { ($0, false) }).sorted { $0.0.number < $1.0.number }
    }

    mutating func add(_ letter: Letter) { ready.append(letter) }

    mutating func consume(_ tenure: Tenure) { consumers.append(tenure) }

    /// Takes what the active consumer is to be given now.
    mutating func deliver(limit: Int, prefetch: Int) -> (tenure: Tenure, letters: [(tag: UInt64, letter: Letter)])? {
        guard let active = consumers.first else { return nil }
        let count = min(limit, ready.count, max(0, prefetch - unacknowledged.count))
        guard count > 0 else { return nil }
        var letters: [(tag: UInt64, letter: Letter)] = []
        for letter in ready.prefix(count) {
            lastTag += 1
            letters.append((lastTag, letter))
            unacknowledged.append((active, lastTag, letter))
        }
        ready.removeFirst(count)
        return (active, letters)
    }

    mutating func acknowledge(_ tenure: Tenure, through tag: UInt64) {
        unacknowledged.removeAll { $0.tenure === tenure && $0.tag <= tag }
    }

    /// The consumer's channel is gone: what it had goes back to where it was.
    mutating func release(_ tenure: Tenure) {
        consumers.removeAll { $0 === tenure }
        let returned = unacknowledged.filter { $0.tenure === tenure }.map(\.letter)
        unacknowledged.removeAll { $0.tenure === tenure }
        ready = (returned + ready).sorted { $0.number < $1.number }
    }
}
