import Logging
import RepriseKernel

extension Partition {
    /// Runs `body` so that the process may die of it and nobody else is blamed, where it is about an instance in whose turns
    /// a process has died, or where it may be what an owner before died of.
    ///
    /// What its neighbours have done is on disk before, and waits for nothing after.
    ///
    /// - Parameter isSuspect: whether nobody knows yet, and an owner before may have died in it.
    func inOwnCommit(
        _ id: InstanceID?,
        isSuspect: Bool = false,
        _ body: () throws(JournalError) -> Void
    ) throws(JournalError) -> Effects {
        var effects = Effects()
        if let id, crashes[id] != nil {
            // One at a time in the whole process, so that its end says whose turn it was.
            return try settings.trials.withLock { () throws(JournalError) in
                effects.add(try tryOut(id, body))
                effects.add(try commitNow())
                return effects
            }
        }
        if let id, isSuspect { return try tryOut(id, body) }
        if id != nil, batch.isTrial { effects.add(try commitNow()) }
        try body()
        return effects
    }

    /// Counts the turn as one in which the process died, for all to read, before it runs; takes that back in the next commit.
    private func tryOut(
        _ id: InstanceID,
        _ body: () throws(JournalError) -> Void
    ) throws(JournalError) -> Effects {
        var effects = Effects()
        // Its own turn before this one is committed for itself, since that clears the count.
        if live.isTouched(id) || crashes.isForgiven(id) { effects.add(try commitNow()) }
        // Nil of one that nobody knows yet: an owner before may have died of it.
        let known = crashes[id]
        // Of one that is set aside no code runs any more, but for what cleans up.
        let isCounted = quarantined(id) == nil
        let endsAnother = batch.isTrial
        crashes.beginTrial(of: id, isCounted: isCounted)
        if isCounted, !endsAnother { marker.beginTrial(of: id) }
        effects.add(try commitNow())
        if isCounted, endsAnother { marker.beginTrial(of: id) }
        batch.beginTrial()
        defer { if !live.isTouched(id) { crashes.takeBackTrial(of: id, known) } }
        try body()
        return effects
    }

    /// Looks at the instances for which something waited when the partition was taken.
    func applyWaiting() throws(JournalError) -> Effects {
        var effects = Effects()
        for id in waiting {
            do {
                effects.add(
                    try inOwnCommit(id, isSuspect: suspicion.takeWaiting()) { () throws(JournalError) in
                        guard let instance = try instance(id) else { return }
                        if id.isEntity {
                            try drain(instance)
                        } else if instance.row.runtimeStatus != .suspended {
                            try activate(instance)
                        }
                    }
                )
            } catch {
                guard error.code == .damaged else { throw error }
                logger.error("What waits cannot be applied: \(error.message)", metadata: ["instance": "\(id)"])
            }
        }
        waiting = []
        return effects
    }
}

extension InboundDelivery.Message {
    /// Whom it may wake.
    var instance: InstanceID? {
        switch self {
        case .command(let command): command.instance
        case .result(let result): result.instance
        case .progress(let report): report.instance
        case .query, .unusable: nil
        }
    }
}
