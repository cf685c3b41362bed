package import RepriseKernel

/// Keeps the count of a run: what to start next, what has ended and how. Times are nanoseconds of any single clock.
package struct HelloLedger: Sendable {
    package let count: Int
    package let concurrency: Int
    private var started: [Int64]
    /// The end that arrived first; nil before.
    private var ends: [Revision?]
    private var next = 0
    package private(set) var latencies: [Int64] = []
    /// Instances that did not complete, or completed with the wrong output.
    package private(set) var wrong = 0
    /// Instances that ended a second time, after the first.
    package private(set) var repeated = 0
    package private(set) var beginning: Int64?
    package private(set) var end: Int64 = 0

    package init(count: Int, concurrency: Int) {
        self.count = count
        self.concurrency = concurrency
        started = [Int64](repeating: 0, count: count)
        ends = Array(repeating: nil, count: count)
        latencies.reserveCapacity(count)
    }

    package var ended: Int { latencies.count }
    package var isDone: Bool { ended == count }
    package var duration: Int64 { end - (beginning ?? end) }

    /// The numbers of those to start now.
    package mutating func launch(at now: Int64) -> Range<Int> {
        let room = concurrency - (next - ended)
        let batch = next..<min(count, next + max(0, room))
        for number in batch { started[number] = now }
        if beginning == nil { beginning = now }
        next = batch.upperBound
        return batch
    }

    /// - Parameter revision: of the message; a repeated one is not counted again.
    package mutating func end(_ number: Int, isRight: Bool, revision: Revision, at now: Int64) {
        guard number < next else { return }
        if let end = ends[number] {
            if end != revision { repeated += 1 }
            return
        }
        ends[number] = revision
        latencies.append(now - started[number])
        if !isRight { wrong += 1 }
        end = now
    }
}
