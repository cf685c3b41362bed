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
        var link: (any PartitionLink)?
        var epoch: Int64 = 0
    }

    private let state = Mutex(State())
    /// What to do with deliveries, besides writing them down.
    private let onDeliver: @Sendable ([InboundDelivery], any PartitionLink) -> Void

    init(onDeliver: @escaping @Sendable ([InboundDelivery], any PartitionLink) -> Void = { _, _ in }) {
        self.onDeliver = onDeliver
    }

    var events: [Event] { state.withLock { $0.events } }
    var deliveries: [InboundDelivery] { state.withLock { $0.deliveries } }
    var link: (any PartitionLink)? { state.withLock { $0.link } }
    var isTaken: Bool { link != nil }

    func take(_ link: any PartitionLink) async throws -> Int64 {
        state.withLock { state in
            state.events.append(.taken)
            state.link = link
            state.epoch += 1
            return state.epoch
        }
    }

    func deliver(_ deliveries: [InboundDelivery]) {
        let link = state.withLock { state in
            state.deliveries += deliveries
            state.events += deliveries.map { .delivered($0.tag) }
            return state.link
        }
        if let link { onDeliver(deliveries, link) }
    }

    func settle(_ settlements: [OutboundSettlement]) {
        state.withLock { $0.events += settlements.map(Event.settled) }
    }

    func lose(_ reason: String) async {
        state.withLock { state in
            state.events.append(.lost)
            state.link = nil
        }
    }
}
