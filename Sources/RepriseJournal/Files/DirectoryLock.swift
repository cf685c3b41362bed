package import RepriseEngine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Keeps a second node out of a data directory for as long as it lives; the system frees it when the process dies.
///
/// Partition by partition a second one only ever waits for the first, beside files that are one node's alone.
package final class DirectoryLock: Sendable {
    // Proof of Sendable: after the initializer the descriptor is only ever closed.
    private nonisolated(unsafe) let file: Descriptor

    /// - Throws: a ``JournalError`` (`.inUse`) that says which process has the directory, and what to do.
    package init(_ directory: String) throws(JournalError) {
        let owner: [UInt8]
        do throws(FileFailure) {
            file = try Descriptor(creating: "\(directory)/node.lock")
            guard try !file.tryLock() else {
                // For people only. On a full disk a node starts too, and waits for room.
                try? file.replace(Array("\(getpid())\n".utf8))
                return
            }
            owner = try file.head(20)
        } catch {
            throw JournalError(.failed, error.message)
        }
        let process = Int(String(decoding: owner.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
        throw JournalError(
            .inUse,
            "the data directory '\(directory)' is in use by another node"
                + (process.map { $0 == getpid() ? " of this process" : ", process \($0)" } ?? "")
                + ": end that one, or give this node a directory of its own (REPRISE_DATA)"
        )
    }
}
