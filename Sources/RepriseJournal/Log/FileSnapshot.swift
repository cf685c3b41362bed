package import RepriseEngine
import RepriseKernel

/// A snapshot in a file, made by its own thread over its own connection: commits continue meanwhile. Once made, the
/// file no longer has a name: the system frees it with the last descriptor, even when the process dies.
package final class FileSnapshot: JournalSnapshot {
    private let maker: SnapshotMaker
    private var made: SnapshotMaker.Made?
    private var offset = 0

    init(of files: JournalFiles) throws {
        try files.removeSnapshot()
        maker = try SnapshotMaker(files)
    }

    package func isMade(waiting: Bool) throws(JournalError) -> Bool {
        if made == nil { made = try maker.outcome(waiting: waiting)?.get() }
        return made != nil
    }

    package var standing: JournalPosition { made?.standing ?? JournalPosition(commit: 0, checksum: 0, epoch: 0) }
    package var size: Int64 { made?.size ?? 0 }

    package func next(_ count: Int) throws(JournalError) -> [UInt8]? {
        guard let made else { throw JournalError(.failed, "the snapshot is not made yet, or closed") }
        do {
            let bytes = try made.file.read(count, at: offset)
            offset += bytes.count
            return bytes.isEmpty ? nil : bytes
        } catch {
            throw JournalError(error, journal: "a snapshot")
        }
    }

    package func close() {
        maker.stop()
        made = nil
    }
}
