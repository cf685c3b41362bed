import GRDB
import RepriseKernel

/// A column as any other.
extension StatusSequenceNumber: SQLExpressible {}
extension StatusSequenceNumber: StatementBinding {}
extension StatusSequenceNumber: DatabaseValueConvertible {}
