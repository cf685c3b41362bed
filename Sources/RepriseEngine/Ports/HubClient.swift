package import RepriseKernel

/// A hub as its clients see it: the gateway, the command line.
package protocol HubClient: Sendable {
    var hub: HubName { get }
    var partitionCount: Int { get }

    /// Sends a command to its instance's partition and waits for the answer.
    ///
    /// With `ordered` it goes through the intake, after everything published there before it. The command must carry an
    /// instance id; a message id is generated when it has none.
    func send(_ command: Command, ordered: Bool) async throws(HubUnavailable) -> Answer
    /// Asks a partition.
    func ask(_ query: Query, partition: PartitionNumber) async throws(HubUnavailable) -> Answer
}

/// The broker or the partition did not answer; the outcome of the request is unknown.
package struct HubUnavailable: Error, Sendable, CustomStringConvertible {
    /// Where the cause lies.
    package enum Party: Sendable, Equatable {
        /// With the broker, or on the way to it.
        case broker
        /// With the partition, or with the node that has it.
        case partition
    }

    package var message: String
    package var party: Party

    package init(_ message: String, party: Party = .broker) {
        self.message = message
        self.party = party
    }

    package var description: String { message }
}

extension HubClient {
    /// The status of an instance from the partition that owns it.
    package func status(
        of instance: InstanceID,
        history: Bool = false
    ) async throws(HubUnavailable) -> (status: InstanceStatus, history: [HistoryRecord])? {
        let partition = PartitionNumber(of: instance, count: partitionCount)
        guard
            case .status(let status?, let history) = try await ask(
                .status(instance, history: history),
                partition: partition
            )
        else { return nil }
        return (status, history)
    }
}

extension HubClient {
    /// Starts an instance's orchestration again under another id, which must be free.
    ///
    /// The start is sent from here instead of by the first instance's partition: so the answer is that of the partition
    /// with the other id, and a repeat with the same key is the same start.
    package func restart(
        _ instance: InstanceID,
        as newID: InstanceID,
        key: String? = nil
    ) async throws(HubUnavailable) -> Answer {
        guard let former = try await status(of: instance)?.status else {
            return .rejected(Rejection(.unknownInstance, "there is no instance '\(instance)'"))
        }
        let command = Command(
            instance: newID,
            action: .start(StartRequest(again: former)),
            messageID: key,
            isInteractive: true
        )
        return try await send(command, ordered: false)
    }
}

/// Takes the status messages of a hub, in batches, on one task at a time.
package protocol StatusSink: Sendable {
    /// What was applied is durable when this returns; only then the broker forgets the messages.
    func apply(_ batch: [StatusMessage]) async throws
    /// The progress of activities, in the order it was reported, and before the status messages that came with it.
    func note(_ progress: [ProgressMessage]) async throws
    /// The subscription was (re)established and may have missed messages.
    func mayHaveMissed() async
}
