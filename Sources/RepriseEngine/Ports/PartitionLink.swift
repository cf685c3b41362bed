package import RepriseKernel

/// Where an answer goes: best effort, to whoever set `reply_to`.
package struct ReplyAddress: Equatable, Sendable {
    package var queue: String
    package var correlation: String?

    package init(queue: String, correlation: String?) {
        self.queue = queue
        self.correlation = correlation
    }
}

/// A message as it came, kept by the edge until the engine has decided whether it becomes a dead letter.
package protocol OriginalMessage: Sendable {
    /// The edge's own form of the message, from which it can publish the dead letter.
    func encoded() -> [UInt8]
}

/// One message from a partition's inbox, read and checked by the edge.
package struct InboundDelivery: Sendable {
    package enum Message: Sendable {
        case command(Command)
        case result(TaskResult)
        case query(Query)
        /// Nothing this hub can use.
        case unusable(Rejection)
    }

    package var tag: UInt64
    package var message: Message
    package var replyTo: ReplyAddress?
    /// The size of its body in bytes.
    package var size: Int
    package var original: any OriginalMessage

    package init(
        tag: UInt64,
        message: Message,
        replyTo: ReplyAddress?,
        size: Int,
        original: any OriginalMessage
    ) {
        self.tag = tag
        self.message = message
        self.replyTo = replyTo
        self.size = size
        self.original = original
    }
}

/// A message that leaves a partition, with its outbound number.
package struct Outbound: Equatable, Sendable {
    package enum Message: Equatable, Sendable {
        case task(TaskMessage)
        case status(StatusMessage)
        case deadLetter(DeadLetter)
    }

    package var number: Int64
    /// The ownership that sends it; receivers drop what comes from an older one.
    package var epoch: Int64
    package var message: Message

    package init(number: Int64, epoch: Int64, message: Message) {
        self.number = number
        self.epoch = epoch
        self.message = message
    }
}

package struct Reply: Equatable, Sendable {
    package var to: ReplyAddress
    package var answer: Answer

    package init(to: ReplyAddress, answer: Answer) {
        self.to = to
        self.answer = answer
    }
}

/// What became of an outbound message.
package struct OutboundSettlement: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
        case confirmed
        /// Returned, refused or too large for the broker: to be tried again later, without blocking others.
        case undeliverable(reason: String)
    }

    package var number: Int64
    package var outcome: Outcome

    package init(number: Int64, outcome: Outcome) {
        self.number = number
        self.outcome = outcome
    }
}

/// A partition's way out, valid for one period of ownership. No method blocks; after the lock is lost all do nothing.
package protocol PartitionLink: Sendable {
    /// Publishes in order, pipelined; outcomes come back through ``PartitionOwner/settle(_:)``.
    func publish(_ messages: [Outbound])
    /// Best effort.
    func answer(_ replies: [Reply])
    /// Acks every delivery up to this tag. Called only after the commit that consumed them.
    func acknowledge(through tag: UInt64)
    /// Gives the partition up: the edge closes the channel, and with it the lock, and may offer it again later.
    func resign(_ reason: String)
}

/// What the edge drives once it holds a partition's lock.
///
/// `take` → (`deliver` | `settle`)* → `lose`, then perhaps `take` again with a new link.
package protocol PartitionOwner: AnyObject, Sendable {
    /// The lock is held: recover, publish again what the broker may not have, and be ready for deliveries.
    /// Returns the epoch of this ownership.
    func take(_ link: any PartitionLink) async throws -> Int64
    func deliver(_ deliveries: [InboundDelivery])
    func settle(_ settlements: [OutboundSettlement])
    /// The lock is gone: whatever is not committed is dropped. Returns when the owner acts no more.
    func lose(_ reason: String) async
}
