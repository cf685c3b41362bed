import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestOrchestrators

/// Whoever was told to clean up did so once, or was ended when its time was over.
extension SimulatedHub {
    func check(canceled identity: InstanceIdentity, of story: Story, _ tag: String) {
        guard story.isCanceled else { return complain("\(tag) was canceled by nobody") }
        checkCleanUp(of: identity, tag, cleansUp: story.orchestrator == "Penitent")
    }

    /// A child that its parent's end has canceled. That it has ended, every part is held to.
    func checkWards(of tag: String) {
        for ward in observer.begun["\(tag)/ward"] ?? [] where observer.end(of: ward)?.kind == .canceled {
            note(.wardCanceled)
            checkCleanUp(of: ward, "\(tag)/ward", cleansUp: true)
        }
    }

    private func checkCleanUp(of identity: InstanceIdentity, _ tag: String, cleansUp: Bool) {
        let isTold = observer.told(of: identity).contains { $0.kind == .cancelRequested }
        if isTold { note(.codeCanceled) }
        // Nobody knows any more of what was purged or replaced.
        let isCut = lastEvent(of: identity).map { if case .executionCanceled(_, true) = $0 { true } else { false } }
        if isTold, isCut == true { note(.cleanUpCut) }
        let count = cleanUps(of: tag)
        let right = !isTold || !cleansUp ? 0...0 : isCut == false ? 1...1 : 0...1
        if !right.contains(count) {
            complain("\(tag) has cleaned up \(count) times: \(describe(identity.instance))")
        }
    }

    private func cleanUps(of tag: String) -> Int {
        guard let entity = try? TestOrchestrators.cleanUps(of: tag).instance else { return 0 }
        return observer.records[entity].flatMap { Int($0.customStatus.value.text) } ?? 0
    }

    private func lastEvent(of identity: InstanceIdentity) -> HistoryEvent? {
        guard let journal = journal(of: identity.instance), let row = try? journal.instance(identity.instance),
            row.incarnation == identity.incarnation
        else { return nil }
        return (try? journal.history(of: row))?.last { $0.event.outcome != nil }?.event
    }
}
