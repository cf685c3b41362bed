import GRDB
import RepriseKernel

/// Columns as any other.
extension StatusSequenceNumber: SQLExpressible {}
extension StatusSequenceNumber: StatementBinding {}
extension StatusSequenceNumber: DatabaseValueConvertible {}

extension Incarnation: SQLExpressible {}
extension Incarnation: StatementBinding {}
extension Incarnation: DatabaseValueConvertible {}
