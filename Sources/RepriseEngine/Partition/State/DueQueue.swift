package import RepriseKernel

/// Things that are due at a time, soonest first: a binary heap in which canceled ones stay until they come up, or until
/// they are most of it.
package struct DueQueue<Key: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry {
        var due: Timestamp
        var key: Key
    }

    private var heap: [Entry] = []
    private var armed: [Key: Timestamp] = [:]

    package init() {}

    package var count: Int { armed.count }
    /// Places taken in memory, canceled ones included.
    package var places: Int { heap.count }

    /// Nil when it is not armed.
    func due(of key: Key) -> Timestamp? { armed[key] }

    /// A key that is armed already moves to its new time.
    package mutating func arm(_ key: Key, due: Timestamp) {
        guard armed[key] != due else { return }
        armed[key] = due
        heap.append(Entry(due: due, key: key))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isSooner(heap[child], heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// When it was due; nil when it was not armed.
    @discardableResult
    package mutating func disarm(_ key: Key) -> Timestamp? {
        let due = armed.removeValue(forKey: key)
        shrink()
        return due
    }

    private mutating func shrink() {
        guard heap.count > 64, heap.count > armed.count * 2 else { return }
        // A sorted array is a heap.
        heap.removeAll { armed[$0.key] != $0.due }
        heap.sort(by: isSooner)
    }

    /// When the soonest is due.
    package mutating func nextDue() -> Timestamp? {
        dropCanceled()
        return heap.first?.due
    }

    /// Takes the soonest if it is due.
    package mutating func takeDue(at now: Timestamp) -> (key: Key, due: Timestamp)? {
        dropCanceled()
        guard let first = heap.first, first.due <= now else { return nil }
        armed[first.key] = nil
        removeFirst()
        return (first.key, first.due)
    }

    private mutating func dropCanceled() {
        while let first = heap.first, armed[first.key] != first.due { removeFirst() }
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var child = parent * 2 + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, isSooner(heap[child + 1], heap[child]) { child += 1 }
            guard isSooner(heap[child], heap[parent]) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }

    /// By time, then by key: the order never depends on how the heap was filled.
    private func isSooner(_ a: Entry, _ b: Entry) -> Bool { (a.due, a.key) < (b.due, b.key) }
}
