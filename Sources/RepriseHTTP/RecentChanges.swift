import RepriseKernel
import Synchronization

/// Instances that somebody changed through this gateway a moment ago: who sends a command reads what came of it.
///
/// The read model may still show what was there before: an earlier state, an incarnation that has ended, or a purged
/// one. Until it has caught up, the partition is asked instead.
final class RecentChanges: Sendable {
    enum Demand: Equatable {
        case none
        /// The model will do once it shows this revision, or a later one.
        case atLeast(Revision)
        case askPartition
    }

    /// Two generations: what was entered between one and two periods ago is forgotten.
    private struct Generations {
        var young: [InstanceID: Demand] = [:]
        var old: [InstanceID: Demand] = [:]
        var began: ContinuousClock.Instant
    }

    private let generations: Mutex<Generations>
    private static let period = Duration.seconds(30)
    private static let capacity = 10_000

    init(now: ContinuousClock.Instant = .now) { generations = Mutex(Generations(began: now)) }

    func changed(_ instance: InstanceID, now: ContinuousClock.Instant = .now) {
        enter(instance, .askPartition, now)
    }

    /// The partition's own word on a changed instance.
    func learned(_ instance: InstanceID, _ revision: Revision?, now: ContinuousClock.Instant = .now) {
        guard let revision, demand(for: instance) == .askPartition else { return }
        enter(instance, .atLeast(revision), now)
    }

    func demand(for instance: InstanceID) -> Demand {
        generations.withLock { $0.young[instance] ?? $0.old[instance] ?? .none }
    }

    private func enter(_ instance: InstanceID, _ demand: Demand, _ now: ContinuousClock.Instant) {
        generations.withLock { generations in
            if generations.young.count >= Self.capacity || now - generations.began > Self.period {
                generations.old = generations.young
                generations.young = [:]
                generations.began = now
            }
            generations.young[instance] = demand
        }
    }
}
