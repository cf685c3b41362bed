package import RabbitMQ

/// Why this module cannot do what it was asked, and what to do about it.
package struct HubError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The hub has not been created on this broker.
        case noSuchHub
        /// The hub exists with another partition count.
        case partitionCount
        /// A queue or exchange of the hub exists with other arguments.
        case topology
        /// The broker's address cannot be used.
        case address
        /// The broker refused or did not answer.
        case broker
        /// The hub has no such partition.
        case noSuchPartition
        /// The partition does not wait for an operator's word.
        case notWaiting
    }

    package let code: Code
    /// One or two sentences for people: what is wrong, and what to do.
    package let message: String
    /// What the broker said, if anything.
    package let underlying: RabbitMQError?

    package init(_ code: Code, _ message: String, underlying: RabbitMQError? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// True when the same call may succeed later without a change of settings.
    package var isRetriable: Bool { code == .broker }

    package var description: String { message }
}
