import RepriseEngine
import RepriseKernel

/// One of a process's two connections, as TCP and the broker see it.
///
/// ```
///  process ──write──► wire ──(as far as it arrived)──► broker: frame by frame, in order
///  process ◄─ events ◄─────────────────────────────── confirms, returns, deliveries
/// ```
/// What is on the wire outlives the process: the broker takes it up, in order, and only then lets go of what the
/// connection held.
final class SimulatedConnection {
    enum Frame {
        case append(Stream, [UInt8], tag: UInt64)
        case publish(Outbound, tag: UInt64)
        case point(LogAddress, journal: JournalID, tag: UInt64)
        case open(Stream)
        case delete(Stream)
        case acknowledge(through: UInt64)
        case close
    }

    enum Event {
        case confirmed(UInt64)
        case returned(UInt64)
        /// The process's own clock: it has waited long enough.
        case late(UInt64)
        case delivered(Tenure, tag: UInt64, Letter)
    }

    struct Written {
        var frame: Frame
        var tenure: Tenure
    }

    let process: SimulatedProcess
    var wire: [Written] = []
    var events: [Event] = []
    private var lastTag: UInt64 = 0
    /// Since when the network carries nothing of it; frames from ``arrived`` on have not arrived.
    var cutSince: Duration?
    var arrived = 0
    /// Since when the broker has heard nothing.
    var silentSince: Duration?
    /// The process does not act on it any more: dead, or it has given the connection up.
    var isAbandoned = false
    /// The broker has thrown it out, or is gone itself.
    var isEvicted = false

    init(_ process: SimulatedProcess) { self.process = process }

    /// Whether the process, if it looks, still sees a connection.
    var isUsable: Bool { !isAbandoned && !isEvicted }

    func nextTag() -> UInt64 {
        lastTag += 1
        return lastTag
    }

    /// To a connection that is gone one can write, too: nothing comes of it.
    func write(_ frame: Frame, _ tenure: Tenure) {
        guard isUsable else { return }
        wire.append(Written(frame: frame, tenure: tenure))
    }

    /// Whether the broker has yet to read that it is to make this stream.
    func isAbout(toOpen stream: Stream) -> Bool {
        wire.contains { if case .open(stream) = $0.frame { true } else { false } }
    }

    /// Takes out what someone waits for.
    func take(tags: Set<UInt64>) -> (confirmed: Set<UInt64>, isReturned: Bool) {
        var confirmed: Set<UInt64> = []
        var isReturned = false
        events.removeAll { event in
            switch event {
            case .confirmed(let tag) where tags.contains(tag): confirmed.insert(tag)
            case .returned(let tag) where tags.contains(tag): isReturned = true
            case .confirmed, .returned, .late, .delivered: return false
            }
            return true
        }
        return (confirmed, isReturned)
    }

    /// The frames that the broker can see.
    var visible: Int { cutSince == nil ? wire.count : min(arrived, wire.count) }

    func cut(at now: Duration, arrived: Int) {
        guard cutSince == nil else { return }
        cutSince = now
        self.arrived = arrived
    }

    func mend() {
        cutSince = nil
        silentSince = nil
    }

    /// The process does no more with it; of what it wrote, `count` frames get through.
    func abandon(keeping count: Int) {
        guard !isAbandoned else { return }
        isAbandoned = true
        if !isEvicted { wire.removeLast(wire.count - min(count, visible)) }
        arrived = wire.count
        events = []
    }
}

/// One period in which a process has a partition's lock, or thinks so.
final class Tenure {
    let partition: PartitionNumber
    let owning: SimulatedConnection
    let consuming: SimulatedConnection
    /// Numbers of the outbound messages whose outcome is awaited, by tag.
    var outbound: [UInt64: OutboundNumber] = [:]
    /// The contender has given it up.
    var isOver = false

    init(_ partition: PartitionNumber, owning: SimulatedConnection, consuming: SimulatedConnection) {
        self.partition = partition
        self.owning = owning
        self.consuming = consuming
    }
}

/// The name of one segment of a partition's log.
struct Stream: Hashable {
    var partition: PartitionNumber
    var segment: Int64
}

/// A message in an inbox.
struct Letter {
    /// Its place in the queue, for good.
    var number: Int64
    var message: InboundDelivery.Message
    /// The client's request behind it.
    var request: Int?
}
