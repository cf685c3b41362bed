import RepriseKernel

/// An event that waits for its instance.
struct PendingEvent {
    let position: PendingNumber
    let event: HistoryEvent
    /// Bytes of its record.
    let size: Int
}

/// What waits for one instance, oldest first, and how many bytes that is: kept with each change, since results of a wide
/// fan-out may wait by the ten thousand.
struct PendingEvents {
    private var events: [PendingEvent] = []
    private(set) var bytes = 0

    init(_ events: [PendingEvent] = []) {
        self.events = events
        bytes = events.reduce(0) { $0 + $1.size }
    }

    mutating func append(_ event: PendingEvent) {
        events.append(event)
        bytes += event.size
    }

    @discardableResult
    mutating func remove(at index: Int) -> PendingEvent {
        let event = events.remove(at: index)
        bytes -= event.size
        return event
    }

    mutating func removeAll(where isUnwanted: (PendingEvent) -> Bool) {
        events.removeAll { event in
            guard isUnwanted(event) else { return false }
            bytes -= event.size
            return true
        }
    }
}

extension PendingEvents: RandomAccessCollection {
    var startIndex: Int { events.startIndex }
    var endIndex: Int { events.endIndex }
    subscript(index: Int) -> PendingEvent { events[index] }
}

/// What the waiting events of all instances in memory take together; of one partition, on its thread.
final class WaitingBytes {
    var sum = 0
}
