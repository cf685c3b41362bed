import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Keeps a second process away from what is one process's alone in a data directory, for as long as this lives; the
/// system frees it when the process dies. A node and a gateway may share a directory.
package final class DirectoryLock: Sendable {
    /// Whose the directory is.
    package enum Owner: String {
        /// Of the journals and what lies beside them. Partition by partition a second node would only ever wait for the
        /// first, beside files that are one node's alone.
        case node
        /// Of the read model; a command that rebuilds it holds the same lock meanwhile.
        case gateway

        fileprivate var fileName: String {
            switch self {
            case .node: "node.lock"
            case .gateway: "status.lock"
            }
        }

        fileprivate func whatIsOwned(in directory: String) -> String {
            switch self {
            case .node: "the data directory '\(directory)'"
            case .gateway: "the read model in '\(directory)'"
            }
        }
    }

    private let descriptor: Int32

    /// Tells this process from others of the same number: in another container, or on another machine.
    private static let mark = UInt64.random(in: 0 ... .max)

    /// Makes the directory when it is not there.
    ///
    /// - Throws: ``SettingsError`` or ``ProcessFailure``, which say why the directory cannot be used, or which process has it,
    ///   and what to do.
    package init(_ directory: String, of owner: Owner) throws {
        try DataDirectory.make(directory)
        let file = "\(directory)/\(owner.fileName)"
        // Not inherited by child processes, which would hold it on.
        let opened = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            let reason = String(cString: strerror(errno))
            throw ProcessFailure(
                ProcessFailure.usage,
                "'\(file)' cannot be written (\(reason)): choose another data directory (REPRISE_DATA)"
            )
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(opened)
            close(opened)
            throw ProcessFailure(
                ProcessFailure.otherwise,
                "\(owner.whatIsOwned(in: directory)) is in use by another \(owner)\(holder): stop that one, or give this "
                    + "\(owner) its own directory (REPRISE_DATA)"
            )
        }
        // For people only. On a full disk a node starts too, and waits for room.
        let text = "\(getpid()) \(ProcessInfo.processInfo.hostName) \(Self.mark)\n"
        if ftruncate(opened, 0) == 0 { _ = pwrite(opened, text, text.utf8.count, 0) }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Keeps the lock until here.
    package func release() { withExtendedLifetime(self) {} }

    /// Who has written into the file last.
    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        let words = text.prefix { $0 != "\n" }.split(separator: " ")
        guard words.count == 3, let process = Int(words[0]) else { return "" }
        return words[2] == "\(mark)" ? " of this process" : ", process \(process) on '\(words[1])'"
    }
}
