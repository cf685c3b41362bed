import RepriseKernel

extension Partition {
    /// Adds to the commit some deletions of what is no longer needed: each commit takes a part.
    func delete(_ commit: inout JournalCommit) throws(JournalError) {
        let confirmed = outbox.confirmedThrough
        if hidden.hasDeletable(confirmedThrough: confirmed) || left.hasDeletable(confirmedThrough: confirmed) {
            let awaited = try retries.owners(in: journal)
            hidden.takeDeletable(confirmedThrough: confirmed, into: &commit, isAwaited: awaited.contains)
            left.takeDeletable(confirmedThrough: confirmed, into: &commit, isAwaited: awaited.contains)
        }
        try accepted.forget(at: clock.slowest, after: settings.rememberCommands, journal, in: &commit)
    }

    /// Whether a commit would delete something. Not while a message waits to be retried: it may belong to that history,
    /// and its outcome brings a commit.
    var hasDeletable: Bool {
        if accepted.isForgetting { return true }
        guard retries.isEmpty else { return false }
        let confirmed = outbox.confirmedThrough
        return hidden.hasDeletable(confirmedThrough: confirmed) || left.hasDeletable(confirmedThrough: confirmed)
    }
}
