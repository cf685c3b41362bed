import GRDB
import RepriseEngine

extension JournalError {
    /// Any error that reached the edge of the journal, as one of its own. It contains no values.
    init(_ error: any Error, journal: String) {
        switch error {
        case let error as JournalError:
            self = error
        case let damage as Damage:
            self.init(.damaged, "\(journal): \(damage.message)")
        case let failure as FileFailure:
            self.init(failure.isFull ? .full : .failed, "\(journal): \(failure.message)")
        case let error as DatabaseError:
            self.init(Code(error), "\(journal): \(error.message ?? "SQLite failed") (\(error.extendedResultCode))")
        default:
            self.init(.failed, "\(journal): \(error)")
        }
    }
}

extension JournalError.Code {
    fileprivate init(_ error: DatabaseError) {
        switch error.extendedResultCode {
        // No room for the shared index of the log: nothing had been written yet.
        case .SQLITE_IOERR_SHMSIZE: self = .full
        case .SQLITE_FULL: self = .full
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .inUse
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged
        default: self = .failed
        }
    }
}
