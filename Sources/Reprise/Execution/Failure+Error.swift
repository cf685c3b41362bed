import Foundation
package import RepriseKernel

extension Failure {
    /// An error of user code as the value that history keeps.
    package init(of error: any Error) {
        switch error {
        case let failure as Failure:
            self = failure
        case let failed as ActivityFailed:
            self.init(type: "ActivityFailed", message: failed.description, cause: failed.failure)
        case let failed as SubOrchestrationFailed:
            self.init(type: "SubOrchestrationFailed", message: failed.description, cause: failed.failure)
        case let failed as EntityOperationFailed:
            self.init(type: "EntityOperationFailed", message: failed.description, cause: failed.failure)
        case let violation as LockingRulesViolation:
            self.init(type: Failure.Kind.lockingRules, message: violation.description, isNonRetriable: true)
        case is CancellationError:
            self.init(type: Failure.Kind.canceled, message: "it was canceled")
        case let timeout as EventTimeout:
            self.init(type: Failure.Kind.eventTimeout, message: timeout.description)
        case let error as any LocalizedError:
            self.init(type: String(describing: Swift.type(of: error)), message: error.errorDescription ?? "\(error)")
        default:
            self.init(type: String(describing: Swift.type(of: error)), message: "\(error)")
        }
    }
}
