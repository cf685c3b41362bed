package import Foundation
package import RepriseKernel

/// Carries one request to the gateway and its answer back: once, without second thoughts.
package protocol Transport: Sendable {
    /// Ends soon after the task is cancelled.
    ///
    /// - Throws: ``TransportFailure``.
    func send(
        _ method: GatewayRequest.Method,
        _ url: URL,
        headers: [String: String],
        body: Payload?
    ) async throws(TransportFailure) -> GatewayAnswer
}

/// Why no answer came.
package struct TransportFailure: Error, Sendable {
    package enum Kind: Sendable {
        /// Nobody listens there, or the connection was lost: another try may find somebody.
        case lost
        /// Somebody asks for a name and a password.
        case challenged
        /// The answer is larger than anybody should hold in memory.
        case tooLarge
        /// Whoever asked has given up.
        case cancelled
    }

    package var kind: Kind
    package var reason: String

    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}
