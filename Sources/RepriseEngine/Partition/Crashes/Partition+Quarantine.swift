import Logging
import RepriseKernel

extension Partition {
    /// Why an instance must no longer run: the process died in its turns too often.
    func quarantined(_ id: InstanceID) -> Failure? { crashes[id]?.verdict(turnTimeout: settings.turnTimeout) }

    func endQuarantined(_ instance: LiveInstance, _ failure: Failure) {
        observe { $0.quarantined(instance.row.id) }
        end(instance, .executionFailed(failure), as: .failed)
    }

    /// Counts the crash that this node's last process left behind, unless it is long past: others have owned the
    /// partition since, and not all of them died in that turn.
    ///
    /// - Parameter predecessor: the ownership before the one that begins.
    func countCrash(after predecessor: Epoch) {
        guard let turn = marker.takeUnfinished() else { return }
        let known = crashes[turn.instance]
        guard turn.epoch.advanced(by: known?.deaths ?? 0) >= predecessor else { return }
        var row = known ?? CrashRow(instance: turn.instance)
        row.add(turn)
        let count = row.traps + row.timeouts + row.trials
        let what: String
        switch turn.death {
        case .trapped: what = "trapped (\(count) of \(CrashRow.toleratedCrashes))"
        case .timedOut: what = "was ended by the turn timeout (\(count) of \(CrashRow.toleratedCrashes))"
        case .killed: what = "was killed (\(row.kills) of \(CrashRow.toleratedKills))"
        case .none: return crashes.note(row)
        }
        crashes.note(row)
        logger.error(
            "The last process \(what) in a turn of this instance; its turns are committed alone now.",
            metadata: ["instance": "\(turn.instance)"]
        )
    }
}
