import Reprise
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestOrchestrators

/// What entities are in the end: each change made once, nothing made or lost between them, and no one holds a lock.
extension SimulatedHub {
    func check(entity row: InstanceRow, _ history: [HistoryRecord]) {
        guard case .entityStored(let stored)? = history.last?.event else {
            return complain("the history of \(row.id) does not end with its state")
        }
        if let section = stored.section { complain("\(row.id) is still locked by \(section)") }
        if observer.records[row.id]?.customStatus.value != stored.state ?? .null {
            complain("the read model of \(row.id) has another state")
        }
    }

    /// Every status of an account says how it became what it is.
    func checkAccounts() {
        var sum = 0
        var moves: [String] = []
        for (id, record) in observer.records.sorted(by: { $0.key.value < $1.key.value })
        where id.entity?.name == "account" {
            let identity = InstanceIdentity(instance: id, incarnation: record.incarnation)
            var former = Account.Balance()
            for status in observer.told(of: identity) where status.kind == .entityChanged && !status.payload.isNull {
                guard
                    let balance = try? PayloadCoding.decode(Account.Balance.self, from: status.payload, as: "a balance")
                else {
                    complain("\(id) is no longer an account: \(status.payload.text)")
                    continue
                }
                if !balance.moves.starts(with: former.moves) { complain("\(id) has lost one of \(former.moves)") }
                former = balance
            }
            for complaint in former.complaints { complain("\(id): \(complaint)") }
            sum += former.amount
            moves += former.moves
        }
        if sum != 0 { complain("the balances sum up to \(sum): \(moves)") }
        check(moves)
    }

    private func check(_ moves: [String]) {
        let made = Set(moves)
        if made.count != moves.count { complain("a change was made twice: \(moves.sorted())") }
        for move in made {
            let other = move.dropLast() + (move.hasSuffix("+") ? "-" : "+")
            if !made.contains(String(other)) { complain("\(move) was made without its other half") }
        }
        for story in stories where story.orchestrator == "Transfer" || story.orchestrator == "Payer" {
            for round in stride(from: 1, through: story.rounds, by: 1) {
                let tag = story.tag(round)
                guard let begun = observer.begun[tag]?.first, observer.end(of: begun)?.kind == .completed else {
                    continue
                }
                for step in 0..<story.count where !made.contains("\(tag)/\(step)+") {
                    complain("\(tag) has completed, and its step \(step) was not made")
                }
            }
        }
    }
}
