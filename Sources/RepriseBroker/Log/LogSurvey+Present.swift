import RepriseEngine
import RepriseKernel

extension LogSurvey {
    /// Where a partition's log goes on, when its streams say that beyond doubt; nil when they do not, or when there are
    /// none.
    ///
    /// ```
    ///  two journals, or a record that cannot be read          doubt: nothing is guessed
    ///  sealed                                                 over: it went on in another
    ///  its snapshot is not whole                              never went on there, unless it holds more than the others
    ///  of the others, the one with the highest epoch, then the furthest commit, then the lowest number
    /// ```
    /// Of two that are as far, the later one is the next segment in the making: its owner did not get to go there.
    static func present(_ found: [Found]) -> JournalRecord? {
        let begun = found.filter { $0.head != nil }
        guard !found.contains(where: { $0.unreadable != nil }), Set(begun.map(\.head?.identity.id)).count == 1
        else { return nil }
        let open = begun.filter { $0.sealed == nil && $0.record != nil }
        guard let best = open.max(by: { $0.precedes($1) }) else { return nil }
        guard !begun.contains(where: { $0.record == nil && best.precedes($0, ignoringNumbers: true) }) else {
            return nil
        }
        return best.record
    }
}

extension LogSurvey.Found {
    private var rank: (Epoch, CommitNumber) { (last?.epoch ?? 0, last?.commit ?? 0) }

    fileprivate func precedes(_ other: LogSurvey.Found, ignoringNumbers: Bool = false) -> Bool {
        if rank != other.rank || ignoringNumbers { return rank < other.rank }
        return (head?.segment ?? 0) > (other.head?.segment ?? 0)
    }
}
