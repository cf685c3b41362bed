package import RepriseEngine

/// A snapshot in a file that has no name any more: the system frees it with the last descriptor, also when the process dies.
package final class FileSnapshot: JournalSnapshot {
    package let standing: JournalStanding
    package let size: Int64
    private var file: Descriptor?
    private var offset = 0

    init(_ path: String, standing: JournalStanding) throws {
        let file = try Descriptor(reading: path)
        try Names.remove(path)
        self.file = file
        self.standing = standing
        size = Int64(try file.size())
    }

    package func next(_ count: Int) throws(JournalError) -> [UInt8]? {
        guard let file else { throw JournalError(.failed, "the snapshot is closed") }
        do {
            let bytes = try file.read(count, at: offset)
            offset += bytes.count
            return bytes.isEmpty ? nil : bytes
        } catch {
            throw JournalError(error, journal: "a snapshot")
        }
    }

    package func close() { file = nil }
}
