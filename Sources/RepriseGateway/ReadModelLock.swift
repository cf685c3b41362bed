import Foundation
import RepriseHosting

/// Keeps a second gateway, and a rebuild, away from a read model that is in use; the system frees it when the process dies.
package final class ReadModelLock: Sendable {
    private let descriptor: Int32

    package static let fileName = "status.lock"

    /// - Throws: a failure that says who holds it, or why the directory cannot be used.
    package init(directory: String) throws {
        let file = "\(directory)/\(Self.fileName)"
        try DataDirectory.make(directory)
        let opened = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw ProcessFailure(
                ProcessFailure.usage,
                "'\(file)' cannot be written (\(String(cString: strerror(errno)))): choose another data directory (REPRISE_DATA)"
            )
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw ProcessFailure(
                ProcessFailure.otherwise,
                "the read model in '\(directory)' is in use by another gateway: stop that first, or choose another data directory (REPRISE_DATA)"
            )
        }
        descriptor = opened
    }

    /// Keeps the lock until here.
    package func release() {}

    deinit { close(descriptor) }
}
