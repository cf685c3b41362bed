package import RepriseKernel

/// A partition's armed timers, soonest first: a binary heap in which canceled timers stay until they come up, or until
/// they are most of it.
package struct TimerQueue: Sendable {
    private struct Key: Hashable {
        var instance: Int64
        var task: TaskID
    }

    private var heap: [TimerRow] = []
    private var armed: [Key: Timestamp] = [:]

    package init() {}

    package var count: Int { armed.count }
    /// Places taken in memory, canceled timers included.
    package var places: Int { heap.count }

    package mutating func arm(_ timer: TimerRow) {
        armed[Key(instance: timer.instance, task: timer.task)] = timer.due
        heap.append(timer)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isSooner(heap[child], heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    package mutating func disarm(instance: Int64, task: TaskID) {
        armed[Key(instance: instance, task: task)] = nil
        guard heap.count > 64, heap.count > armed.count * 2 else { return }
        // A sorted array is a heap.
        heap.removeAll { armed[Key(instance: $0.instance, task: $0.task)] != $0.due }
        heap.sort(by: isSooner)
    }

    /// When the soonest timer is due.
    package mutating func nextDue() -> Timestamp? {
        dropCanceled()
        return heap.first?.due
    }

    /// Takes the soonest timer if it is due.
    package mutating func takeDue(at now: Timestamp) -> TimerRow? {
        dropCanceled()
        guard let first = heap.first, first.due <= now else { return nil }
        armed[Key(instance: first.instance, task: first.task)] = nil
        removeFirst()
        return first
    }

    private mutating func dropCanceled() {
        while let first = heap.first, armed[Key(instance: first.instance, task: first.task)] != first.due {
            removeFirst()
        }
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

    /// By time, then by instance and task: the order never depends on how the heap was filled.
    private func isSooner(_ a: TimerRow, _ b: TimerRow) -> Bool {
        (a.due, a.instance, a.task) < (b.due, b.instance, b.task)
    }
}
