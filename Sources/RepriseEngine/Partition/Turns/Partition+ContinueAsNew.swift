import Reprise
import RepriseKernel

/// Continue-as-new: the end of one generation and the beginning of the next.
///
/// ```
///  … │ executionContinued(next)  ┊  executionStarted(next) │ …
///    one commit, or two: a timer of its own brings the next generation about, so a chain of them never holds a batch
/// ```
extension Partition {
    func continueAsNew(
        _ instance: LiveInstance,
        input: Payload,
        keepsEvents: Bool,
        version: String?
    ) throws(JournalError) {
        guard var next = instance.beginning else { return }
        next.input = input
        next.generation += 1
        next.lastTask = instance.session?.lastTask ?? next.lastTask
        next.customStatus = try customStatus(of: instance)
        next.traits.version = version ?? next.traits.version
        next.traits.startTime = nil
        disarmAll(of: instance)
        releaseLocks(of: instance)
        func isKept(_ event: HistoryEvent) -> Bool { event.isEarly && keepsEvents || event.isCancelRequest }
        for waiting in instance.pending where !isKept(waiting.event) { pending.remove(waiting.position) }
        instance.pending.removeAll { !isKept($0.event) }
        // The next generation is told as well: its code may be another.
        if let cancellation = instance.takeCancellation() { postpone(.cancelRequested(cancellation), for: instance) }
        append(.executionContinued(next), to: instance)
        evict(instance)
        instance.upcoming = next
        arm(.begin(generation: next.generation), due: now, of: instance)
    }

    /// The next generation's first turn.
    func beginGeneration(_ start: ExecutionStart, of instance: LiveInstance) throws(JournalError) {
        instance.upcoming = nil
        disarm(.begin(generation: start.generation), of: instance)
        for waiting in instance.pending where waiting.event.isStart { pending.remove(waiting.position) }
        instance.pending.removeAll { $0.event.isStart }
        guard let orchestrator = orchestrators[instance.row.name] else { return }
        instance.beginGeneration()
        instance.open = OpenWork()
        instance.session = makeSession(for: instance.row, orchestrator)
        try apply(.executionStarted(start), to: instance)
    }

    private func customStatus(of instance: LiveInstance) throws(JournalError) -> Payload {
        let recent = instance.former.flatMap(\.records) + instance.appended
        if let status = recent.last(where: { $0.event.customStatus != nil })?.event.customStatus { return status }
        guard let row = try journal.historyRow(at: instance.row.customStatusPosition) else { return .null }
        return try row.decoded().last { $0.event.customStatus != nil }?.event.customStatus ?? .null
    }

    // MARK: What is left behind

    /// Notes history that an earlier process left behind and had no time to delete: `row` begins a generation.
    func noteLeftHistory(before row: HistoryRow) throws(JournalError) {
        guard row.previous != 0, let instance = try journal.instance(key: row.instance), instance.hiddenThrough == nil,
            instance.firstPosition == row.position, try journal.historyRow(at: row.previous) != nil
        else { return }
        left.leave(
            FormerHistory(instance: row.instance, last: row.previous),
            before: row.position,
            through: row.firstOutbound.previous
        )
    }
}
