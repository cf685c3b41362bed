import RepriseBroker
import RepriseEngine
import RepriseKernel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Why a node or a gateway ends without being told to: one sentence for people, an exit code for the supervisor.
package struct ProcessFailure: Error, CustomStringConvertible {
    /// EX_USAGE: a setting cannot be used, independent of the hub.
    package static let usage: Int32 = 64
    /// EX_CONFIG: the settings do not match the hub, or what is in the data directory.
    package static let configuration: Int32 = 78
    /// Anything else; a restart may help.
    package static let otherwise: Int32 = 1

    package let exitCode: Int32
    package let message: String

    package var description: String { message }

    package init(_ exitCode: Int32, _ message: String) {
        self.exitCode = exitCode
        self.message = message
    }

    /// - Parameter program: "the node", for errors without a sentence of their own.
    package init(_ error: any Error, of program: String) {
        switch error {
        case let failure as ProcessFailure: self = failure
        case let error as SettingsError: self.init(Self.usage, error.message)
        case let error as InvalidName: self.init(Self.usage, error.reason)
        case let error as HubError: self.init(Self.exitCode(error), error.message)
        case let error as JournalError: self.init(Self.otherwise, error.message)
        default: self.init(Self.otherwise, "\(program) cannot go on: \(error)")
        }
    }

    private static func exitCode(_ error: HubError) -> Int32 {
        switch error.code {
        case .address: usage
        case .partitionCount, .topology, .noSuchHub, .noSuchPartition, .notWaiting: configuration
        case .broker: otherwise
        }
    }

    /// Says it on stderr, as one line, and ends the process: an error that leaves `main` is a trap.
    package func endProcess() -> Never {
        let line = "error: \(message.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
        let bytes = Array(line.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
        // Not exit(): it would run its cleanup beside threads that are still working.
        _exit(exitCode)
    }
}
