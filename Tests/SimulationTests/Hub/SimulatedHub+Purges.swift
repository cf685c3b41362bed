import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestOrchestrators
import RepriseTestSupport

/// An operator's hand on a queue of tasks, and the word that mends it.
struct Purges {
    /// Of their own: what happened before in a seed still happens there.
    var random: SeededRandom
    /// Whose tasks were in a queue that was purged.
    fileprivate(set) var bereft: Set<InstanceID> = []
    /// The instances that were told to resend what they wait for.
    fileprivate(set) var asked: Set<InstanceID> = []
    /// When an operator who has seen the empty queue says resend.
    fileprivate var due: Duration?
    fileprivate var isSaidAtTheEnd = false

    init(_ seed: UInt64) { random = SeededRandom(of: "purge", seed) }
}

extension SimulatedHub {
    /// An operator purges the queue of one activity: what was confirmed is gone, and no one is told.
    func purgeTasks() {
        guard Int.random(in: 0..<60, using: &purges.random) == 0, broker.isUp,
            let activity = broker.activities.randomElement(using: &purges.random)?.task.name
        else { return }
        note(.tasksPurged)
        purges.bereft.formUnion(broker.purge(activity).map(\.instance))
        purges.due = now + .milliseconds(Int.random(in: 1_000...9_000, using: &purges.random))
    }

    /// As `reprise resend` says it: to all that have not ended, one after another.
    ///
    /// Where a confirm was still to come then, or a node was down, it takes another word: once, when all else is mended.
    func sayResend() {
        if isHealed, !purges.isSaidAtTheEnd, !purges.bereft.isEmpty, now > healedAt + .seconds(30) {
            purges.isSaidAtTheEnd = true
            purges.due = now
        }
        guard let due = purges.due, due <= now, broker.isUp else { return }
        purges.due = nil
        let shown = observer.records.filter { !$0.value.lifecycle.runtimeStatus.isEnded }.map(\.key)
        for id in purges.bereft.union(shown).sorted(by: { $0.value < $1.value })
        where observer.records[id]?.lifecycle.runtimeStatus.isEnded != true {
            purges.asked.insert(id)
            send(Command(instance: id, action: .resend, isInteractive: true))
        }
    }

    /// Whether someone has asked for a task that workers were given before.
    func isAskedFor(_ outbound: Outbound) -> Bool {
        guard case .task(let task) = outbound.message, purges.asked.contains(task.instance) else { return false }
        return handedOut.contains(Attempt(task.instance, task.incarnation, task.task.id, task.task.attempt))
    }
}
