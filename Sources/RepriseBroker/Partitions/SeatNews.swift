import RepriseEngine
import RepriseKernel
import Synchronization

/// What a node's policy is told of one partition, and what its seat remembers from one try to the next.
final class SeatNews: Sendable {
    private struct State {
        var announcement: PartitionAnnouncement
        /// Of all generations that were seen or tried: a name that misbehaved is not used again.
        var highestGeneration: Int64 = 0
        /// Fences in a row that the broker did not confirm.
        var silentFences = 0
    }

    private let policy: any SeatPolicy
    private let state: Mutex<State>

    init(_ partition: PartitionNumber, policy: any SeatPolicy) {
        self.policy = policy
        state = Mutex(
            State(
                announcement: PartitionAnnouncement(
                    partition: partition,
                    role: .none,
                    holding: nil,
                    log: nil,
                    trouble: nil
                )
            )
        )
    }

    func note(_ change: (inout PartitionAnnouncement) -> Void) {
        let (news, isNews) = state.withLock { state in
            let before = state.announcement
            change(&state.announcement)
            return (state.announcement, state.announcement != before)
        }
        if isNews { policy.note(news) }
    }

    /// This node has the partition no more, or not yet: it is a standby where there is something of it here.
    func standBy(_ holding: JournalHolding?) {
        note {
            $0.role = holding == nil ? .none : .standby
            $0.holding = holding
            $0.log = nil
        }
    }

    func saw(generation: Int64) {
        state.withLock { $0.highestGeneration = max($0.highestGeneration, generation) }
    }

    /// How many fences in a row were not confirmed, this one included.
    func noteFence(isConfirmed: Bool) -> Int {
        state.withLock { state in
            state.silentFences = isConfirmed ? 0 : state.silentFences + 1
            return state.silentFences
        }
    }

    var highestGeneration: Int64 { state.withLock { $0.highestGeneration } }
}
