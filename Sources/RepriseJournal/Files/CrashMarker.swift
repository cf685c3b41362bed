import CCrashMarker
import Foundation
package import RepriseEngine
package import RepriseKernel
import Synchronization

/// The file beside a partition's journal that names the instance whose orchestrator runs right now.
///
/// A process that dies by a trap leaves the name marked; `kill -9` leaves it unmarked, and so does a lost machine.
package final class CrashMarker: TurnMarker, WatchedTurns, @unchecked Sendable {
    // Proof of Sendable: the marker's memory belongs to the partition's thread. The watchdog's thread reads it only for
    // a turn that has not ended, whose id does not change, and then ends the process.
    private let marker: UnsafeMutablePointer<crash_marker>
    /// Goes up when a turn begins and when it ends: odd while one runs.
    private let turns = Atomic<UInt64>(0)

    /// Installs the signal handlers for the process with the first marker.
    package init(directory: String, partition: PartitionNumber) throws(JournalError) {
        let path = "\(directory)/partition-\(partition).turn"
        guard let marker = crash_marker_open(path) else {
            throw JournalError(.failed, "\(path) could not be opened: \(String(cString: strerror(errno)))")
        }
        self.marker = marker
        crash_marker_install_handlers()
    }

    deinit { crash_marker_close(marker) }

    package func enter(_ instance: InstanceID) {
        write(instance, crash_marker_enter)
        turns.add(1, ordering: .releasing)
    }

    package func leave() {
        turns.add(1, ordering: .releasing)
        crash_marker_leave(marker)
    }

    package var epoch: Epoch {
        get { Epoch(rawValue: marker.pointee.state.epoch) }
        set { crash_marker_set_epoch(marker, newValue.rawValue) }
    }

    package func beginTrial(of instance: InstanceID) { write(instance, crash_marker_begin_trial) }

    package func endTrial() { crash_marker_end_trial(marker) }

    private func write(
        _ instance: InstanceID,
        _ function: (UnsafeMutablePointer<crash_marker>, UnsafePointer<CChar>?, Int) -> Void
    ) {
        var id = instance.value
        id.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { function(marker, $0.baseAddress, $0.count) }
        }
    }

    package func takeUnfinished() -> UnfinishedTurn? {
        defer { crash_marker_end_trial(marker) }
        guard let instance else { return nil }
        let death: UnfinishedTurn.Death =
            switch Int(marker.pointee.state.mark) {
            case crash_marker_trapped: .trapped
            case crash_marker_timed_out: .timedOut
            case crash_marker_not_inside: .none
            default: .killed
            }
        return UnfinishedTurn(instance: instance, death: death, epoch: epoch, isTrial: marker.pointee.state.trial != 0)
    }

    private var instance: InstanceID? {
        let length = Int(marker.pointee.state.length)
        guard length > 0 else { return nil }
        let bytes = withUnsafeBytes(of: &marker.pointee.state.instance) { Array($0.prefix(length)) }
        return InstanceID(trusted: String(decoding: bytes, as: UTF8.self))
    }

    // MARK: The watchdog's side

    package var currentTurn: UInt64? {
        let turn = turns.load(ordering: .acquiring)
        return turn.isMultiple(of: 2) ? nil : turn
    }

    package func markTimedOut(_ turn: UInt64) -> InstanceID? {
        guard currentTurn == turn, let instance else { return nil }
        crash_marker_set_mark(marker, UInt32(crash_marker_timed_out))
        // It ended at the last moment: its successor must not get the mark.
        guard currentTurn == turn else {
            crash_marker_set_mark(marker, 0)
            return nil
        }
        return instance
    }
}
