import RepriseKernel
import Synchronization

/// Instances that were started or purged through this gateway a moment ago.
///
/// The read model may still show what was there before under the same id: an incarnation that has ended, or a purged
/// one. Until it has caught up, the partition is asked instead.
final class RecentChanges: Sendable {
    enum Demand: Equatable {
        case none
        /// The model will do once it shows this incarnation, or a later one.
        case atLeast(incarnation: Int64)
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
    func learned(_ instance: InstanceID, incarnation: Int64?, now: ContinuousClock.Instant = .now) {
        guard let incarnation, demand(for: instance) == .askPartition else { return }
        enter(instance, .atLeast(incarnation: incarnation), now)
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
