import CCrashMarker
import Foundation
package import RepriseEngine
package import RepriseKernel

/// The mapped file beside a partition's journal that names the instance whose orchestrator runs right now.
///
/// A process that dies by a trap leaves the name marked; `kill -9` leaves it unmarked, and so does a lost machine.
package final class CrashMarker: TurnMarker {
    private let marker: UnsafeMutablePointer<crash_marker>

    /// Installs the signal handlers for the process with the first marker.
    package init(directory: String, partition: PartitionNumber) throws(JournalError) {
        let path = "\(directory)/partition-\(partition).turn"
        guard let marker = crash_marker_open(path) else {
            throw JournalError(.failed, "\(path) could not be mapped: \(String(cString: strerror(errno)))")
        }
        self.marker = marker
        crash_marker_install_handlers()
    }

    deinit { crash_marker_close(marker) }

    package func enter(_ instance: InstanceID) {
        var id = instance.value
        id.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { crash_marker_enter(marker, $0.baseAddress, $0.count) }
        }
    }

    package func leave() { crash_marker_leave(marker) }

    package func takeTrapped() -> InstanceID? {
        defer {
            marker.pointee.trapped = 0
            marker.pointee.length = 0
        }
        guard marker.pointee.trapped != 0, marker.pointee.length > 0 else { return nil }
        let length = Int(marker.pointee.length)
        let bytes = withUnsafeBytes(of: &marker.pointee.instance) { Array($0.prefix(length)) }
        return InstanceID(trusted: String(decoding: bytes, as: UTF8.self))
    }
}
