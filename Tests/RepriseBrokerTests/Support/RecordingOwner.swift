import RepriseEngine
import RepriseKernel
import Synchronization

/// A partition's owner that writes down what the edge does with it.
final class RecordingOwner: PartitionOwner {
    enum Event: Equatable {
        case taken
        case delivered(UInt64)
        case settled(OutboundSettlement)
        case lost
    }

    private struct State {
        var events: [Event] = []
        var deliveries: [InboundDelivery] = []
        var ownership: Ownership?
        var journal: JournalID?
        var epoch: Epoch = 0
        var failures: Int
    }

    private let state: Mutex<State>
    /// What to do with deliveries, besides writing them down.
    private let onDeliver: @Sendable ([InboundDelivery], any PartitionLink) -> Void

    /// - Parameters:
    ///   - journal: what is here of the partition's journal; nil for nothing.
    ///   - failures: so often it cannot begin.
    init(
        journal: JournalID? = "journal-a",
        failures: Int = 0,
        onDeliver: @escaping @Sendable ([InboundDelivery], any PartitionLink) -> Void = { _, _ in }
    ) {
        state = Mutex(State(journal: journal, failures: failures))
        self.onDeliver = onDeliver
    }

    var events: [Event] { state.withLock { $0.events } }
    var deliveries: [InboundDelivery] { state.withLock { $0.deliveries } }
    var link: (any PartitionLink)? { state.withLock { $0.ownership?.link } }
    var beginning: Ownership.Beginning? { state.withLock { $0.ownership?.beginning } }
    var isTaken: Bool { link != nil }

    func holding() async throws -> HeldJournal? {
        state.withLock { state in
            state.journal.map {
                HeldJournal(journal: $0, standing: JournalPosition(commit: 0, checksum: 0, epoch: state.epoch))
            }
        }
    }

    func read(_ pointer: LogAddress, rebuilding: Bool) async throws {}

    func follow(_ entries: [LogEntry]) async throws -> LogPosition? { nil }

    func take(_ ownership: Ownership) async throws -> (epoch: Epoch, pointer: LogAddress?) {
        try state.withLock { state in
            guard state.failures == 0 else {
                state.failures -= 1
                throw JournalError(.full, "the disk is full")
            }
            state.events.append(.taken)
            state.ownership = ownership
            if state.journal == nil { state.journal = "journal-made" }
            state.epoch = state.epoch.next
            return (state.epoch, nil)
        }
    }

    func deliver(_ deliveries: [InboundDelivery]) {
        let link = state.withLock { state in
            state.deliveries += deliveries
            state.events += deliveries.map { .delivered($0.tag) }
            return state.ownership?.link
        }
        if let link { onDeliver(deliveries, link) }
    }

    func settle(_ settlements: [OutboundSettlement]) {
        state.withLock { $0.events += settlements.map(Event.settled) }
    }

    func lose(_ reason: String) async {
        state.withLock { state in
            guard state.ownership != nil else { return }
            state.events.append(.lost)
            state.ownership = nil
        }
    }
}
