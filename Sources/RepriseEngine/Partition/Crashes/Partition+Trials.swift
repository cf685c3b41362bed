import Logging
import RepriseKernel

extension Partition {
    /// Runs `body` so that if the process dies of it, no other instance is blamed: for an instance in whose turns a
    /// process has died, or one that may have killed an earlier owner.
    ///
    /// What other instances have done is on disk before it runs, and does not wait for it afterwards.
    ///
    /// - Parameter isSuspect: whether that is unknown, and an earlier owner may have died in it.
    func inOwnCommit(
        _ id: InstanceID?,
        isSuspect: Bool = false,
        _ body: () throws(JournalError) -> Void
    ) throws(JournalError) -> Effects {
        var effects = Effects()
        if let id, crashes[id] != nil {
            // One at a time in the whole process, so that its death identifies the turn.
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

    /// Counts the turn as fatal before it runs, visible to all nodes; takes that back in the next commit.
    private func tryOut(
        _ id: InstanceID,
        _ body: () throws(JournalError) -> Void
    ) throws(JournalError) -> Effects {
        var effects = Effects()
        // Its own earlier turn is committed separately, since that clears the count.
        if live.isTouched(id) || crashes.isForgiven(id) { effects.add(try commitNow()) }
        // Nil for an unknown one: an earlier owner may have died of it.
        let known = crashes[id]
        // The code of a quarantined instance no longer runs, except to clean up.
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
    /// The instance it may activate.
    var instance: InstanceID? {
        switch self {
        case .command(let command): command.instance
        case .result(let result): result.instance
        case .progress(let report): report.instance
        case .query, .unusable: nil
        }
    }
}
