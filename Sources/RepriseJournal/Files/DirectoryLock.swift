import Foundation
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

    /// Tells this process from others of the same number: in another container, or on another machine.
    private static let mark = UInt64.random(in: 0 ... .max)

    /// - Throws: a ``JournalError`` (`.inUse`) that says which process has the directory, and what to do.
    package init(_ directory: String) throws(JournalError) {
        let owner: [UInt8]
        do throws(FileFailure) {
            file = try Descriptor(creating: "\(directory)/node.lock")
            guard try !file.tryLock() else {
                // For people only. On a full disk a node starts too, and waits for room.
                let host = ProcessInfo.processInfo.hostName
                try? file.replace(Array("\(getpid()) \(host) \(Self.mark)\n".utf8))
                return
            }
            owner = try file.head(512)
        } catch {
            throw JournalError(.failed, error.message)
        }
        throw JournalError(
            .inUse,
            "the data directory '\(directory)' is in use by another node\(Self.place(String(decoding: owner, as: UTF8.self))): "
                + "end that one, or give this node a directory of its own (REPRISE_DATA)"
        )
    }

    private static func place(_ owner: String) -> String {
        let words = owner.prefix { $0 != "\n" }.split(separator: " ")
        guard let process = words.first.flatMap({ Int($0) }) else { return "" }
        guard words.count == 3 else { return ", process \(process)" }
        return words[2] == "\(mark)" ? " of this process" : ", process \(process) on '\(words[1])'"
    }
}
