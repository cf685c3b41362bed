import RepriseKernel

/// History that instances have left behind, to be deleted once its last message is confirmed.
struct LeftHistory {
    /// What is left, the position of the row that replaced it, and the outbound number after which it may go.
    private struct Entry {
        var history: FormerHistory
        var before: HistoryPosition
        var through: OutboundNumber
    }

    private var entries: [Entry] = []

    private static let deletedAtOnce = 256

    /// The position of the row that replaced the first one.
    var firstBefore: HistoryPosition? { entries.first?.before }

    func hasDeletable(confirmedThrough: OutboundNumber) -> Bool {
        entries.first.map { $0.through <= confirmedThrough } == true
    }

    mutating func leave(_ history: FormerHistory, before position: HistoryPosition, through number: OutboundNumber) {
        entries.append(Entry(history: history, before: position, through: number))
    }

    /// Puts into the commit what may go now. A few at a time: each row goes through the log again.
    ///
    /// - Parameter isAwaited: whether a message of an instance's history is to be retried.
    mutating func takeDeletable(
        confirmedThrough: OutboundNumber,
        into commit: inout JournalCommit,
        isAwaited: (InstanceKey) -> Bool
    ) {
        var kept: [Entry] = []
        for entry in entries {
            if commit.deletedHistory.count < Self.deletedAtOnce, entry.through <= confirmedThrough,
                !isAwaited(entry.history.instance)
            {
                commit.deletedHistory.append(entry.history)
            } else {
                kept.append(entry)
            }
        }
        entries = kept
    }
}
