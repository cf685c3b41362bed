import RepriseKernel
import Synchronization

/// Instances that somebody changed through this gateway a moment ago: who sends a command reads what came of it.
///
/// The read model may still show what was there before: an earlier state, an incarnation that has ended, or a purged
/// one. Until it has caught up, the partition is asked instead.
final class ReadYourWrites: Sendable {
    enum Demand: Equatable {
        case none
        /// The model will do once it shows this revision, or a later one.
        case atLeast(Revision)
        /// The ticket names the change: what is learned under it says nothing of a later one.
        case askPartition(ticket: UInt64)
    }

    /// Two ages: what was entered between one and two periods ago is forgotten.
    private struct Ages {
        var young: [InstanceID: Demand] = [:]
        var old: [InstanceID: Demand] = [:]
        var began: ContinuousClock.Instant
        var tickets: UInt64 = 0

        subscript(instance: InstanceID) -> Demand { young[instance] ?? old[instance] ?? .none }
    }

    private let ages: Mutex<Ages>
    private static let period = Duration.seconds(30)
    private static let capacity = 10_000

    init(now: ContinuousClock.Instant = .now) { ages = Mutex(Ages(began: now)) }

    func changed(_ instance: InstanceID, now: ContinuousClock.Instant = .now) {
        ages.withLock { ages in
            ages.tickets += 1
            Self.enter(instance, .askPartition(ticket: ages.tickets), at: now, in: &ages)
        }
    }

    /// The partition's own word on a changed instance, which was asked for after the change that the ticket names.
    func learned(
        _ instance: InstanceID,
        _ revision: Revision?,
        ticket: UInt64,
        now: ContinuousClock.Instant = .now
    ) {
        guard let revision else { return }
        ages.withLock { ages in
            guard ages[instance] == .askPartition(ticket: ticket) else { return }
            Self.enter(instance, .atLeast(revision), at: now, in: &ages)
        }
    }

    /// How many it remembers.
    var count: Int { ages.withLock { $0.young.count + $0.old.count } }

    func demand(for instance: InstanceID) -> Demand { ages.withLock { $0[instance] } }

    private static func enter(
        _ instance: InstanceID,
        _ demand: Demand,
        at now: ContinuousClock.Instant,
        in ages: inout Ages
    ) {
        if ages.young.count >= capacity || now - ages.began > period {
            ages.old = ages.young
            ages.young = [:]
            ages.began = now
        }
        ages.young[instance] = demand
    }
}
