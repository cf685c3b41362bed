import RepriseKernel
import Synchronization

/// Instances changed through this gateway a moment ago, so that the sender of a command reads its effect.
///
/// The read model may still show an earlier state, an incarnation that has ended, or a purged one. Until it has caught
/// up, the partition is asked instead.
final class ReadYourWrites: Sendable {
    enum Demand: Equatable {
        case none
        /// The model is good enough once it shows this revision or a later one.
        case atLeast(Revision)
        /// The ticket identifies the change: what is learned under it says nothing about a later one.
        case askPartition(ticket: UInt64)
    }

    /// Two ages: an entry is forgotten between one and two periods after it was made.
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

    /// The partition's own answer about a changed instance, requested after the change that the ticket identifies.
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
