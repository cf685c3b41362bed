import ArgumentParser
import RepriseBroker
import RepriseClient
import RepriseEngine
import RepriseHosting
import RepriseKernel
import RepriseStatus

/// Why a command fails: a sentence for people, an exit code for scripts.
struct CommandFailure: Error {
    var code: ExitCode
    var message: String

    init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The failure for an error of our modules; nil for errors that the argument parser describes better.
    init?(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let failure as ProcessFailure: self.init(ExitCode(failure.exitCode), failure.message)
        case let error as HubError: self.init(Self.code(error), error.message)
        case DeadLetterError.unavailable(let message): self.init(.unavailable, message)
        case let error as DeadLetterError: self.init(.failed, error.message)
        case let error as HubUnavailable: self.init(.unavailable, error.message)
        case let error as RepriseError: self.init(Self.code(error), error.message)
        case let error as SettingsError: self.init(.usage, error.message)
        case let error as InvalidName: self.init(.usage, error.reason)
        case let rejection as Rejection: self.init(.failed, rejection.reason)
        case let error as StatusModelError: self.init(Self.code(error), error.description)
        case let error as JournalError: self.init(.failed, error.message)
        case is CancellationError: self.init(.interrupted, "")
        default: return nil
        }
    }

    private static func code(_ error: RepriseError) -> ExitCode {
        switch error.code {
        case .address, .invalid: .usage
        case .unavailable: .unavailable
        default: .failed
        }
    }

    private static func code(_ error: StatusModelError) -> ExitCode {
        switch error.code {
        case .unreachable: .usage
        case .otherHub, .foreign, .newer: .configuration
        case .damaged: .failed
        }
    }

    private static func code(_ error: HubError) -> ExitCode {
        switch error.code {
        case .address: .usage
        case .noSuchHub, .broker: .unavailable
        case .partitionCount, .topology: .configuration
        case .notWaiting: .failed
        case .noSuchPartition: .usage
        }
    }
}

extension ExitCode {
    /// Refused, or it ran and failed.
    static let failed = ExitCode(1)
    /// What the command waited for did not happen in time.
    static let notReached = ExitCode(3)
    static let usage = ExitCode(64)
    /// The broker or a partition does not answer, or there is no such hub.
    static let unavailable = ExitCode(69)
    /// The settings do not match the hub on this broker, or what is in the data directory.
    static let configuration = ExitCode(78)
    static let interrupted = ExitCode(130)
}
