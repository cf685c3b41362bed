import RepriseEngine
import RepriseKernel

extension LogSurvey {
    /// Why a partition must not begin from `holding` while the broker has these streams, and what people can do; nil when nothing
    /// in them would be lost.
    static func refusal(
        _ found: [Found],
        of partition: PartitionNumber,
        _ names: HubNames,
        _ holding: HeldJournal?
    ) -> TakeoverDeclined? {
        let record = names.journal(partition)
        let here =
            holding.map { "the journal here is \($0.journal) at commit \($0.standing.commit)" }
            ?? "no journal of it is here"
        guard let best = found.filter({ $0.holdsMore(than: holding) }).max(by: { $0.reach < $1.reach }) else {
            let anchor = names.log(partition, segment: 0)
            guard found.contains(where: { $0.stream == anchor }), !found.contains(where: { $0.has(holding) }) else {
                return nil
            }
            return TakeoverDeclined(
                """
                its record in '\(record)' is gone, and '\(anchor)' says that its log has gone beyond segment \(numbered); \
                \(here). List the queues '\(names.log(partition, segment: 0).dropLast())*'. Is there one but this: publish \
                '<journal id> log <segment> <commit> <records>' of it to the queue '\(record)', or restore the broker. Only \
                if the log is lost for good, delete those queues, '\(anchor)' too: the partition then goes on from the best \
                journal, or begins anew
                """
            )
        }
        let what = "its record in '\(record)' is gone, and its log is not: '\(best.stream)' is there,"
        let anew =
            "Only if what the log holds is not wanted, delete '\(best.stream)': the partition then begins without it"
        if let unreadable = best.unreadable {
            return TakeoverDeclined(
                "\(what) but \(unreadable); \(here). Start a node of a newer release, if there is one. \(anew)"
            )
        }
        let reach = "at commit \(best.reach), of the journal \(best.head.map { "\($0.identity.id)" } ?? "")"
        guard let pointer = best.record else {
            return TakeoverDeclined(
                "\(what) \(reach), and its snapshot is not whole; \(here). Start a node that has it. \(anew)"
            )
        }
        return TakeoverDeclined(
            """
            \(what) \(reach); \(here). To go on with the log, publish the text '\(pointer.text)' to the queue '\(record)' (by the \
            default exchange). \(anew)
            """
        )
    }
}

extension LogSurvey.Found {
    fileprivate var reach: CommitNumber { last?.commit ?? 0 }

    /// Whether it is a segment of the journal here.
    fileprivate func has(_ holding: HeldJournal?) -> Bool { head != nil && head?.identity.id == holding?.journal }
}
