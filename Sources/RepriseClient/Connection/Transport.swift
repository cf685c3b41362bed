package import Foundation
package import RepriseKernel

/// Carries one request to the gateway and its answer back: once, without retries.
package protocol Transport: Sendable {
    /// Ends soon after the task is canceled.
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
        /// Nothing listens there, or the connection was lost: another attempt may succeed.
        case lost
        /// The server asks for a user name and password.
        case challenged
        /// The answer is too large to hold in memory.
        case tooLarge
        /// The caller has given up.
        case cancelled
    }

    package var kind: Kind
    package var reason: String

    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}
