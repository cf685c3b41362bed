package import RepriseKernel

/// Where an answer goes: best effort, to the sender's `reply_to`.
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
        case progress(ProgressReport)
        case query(Query)
        /// Nothing this hub can process.
        case unusable(Rejection)
    }

    package var tag: UInt64
    package var message: Message
    package var replyTo: ReplyAddress?
    /// The size of its body in bytes.
    package var size: Int
    package var original: any OriginalMessage
    /// Whether an owner had it before, and perhaps died of it.
    package var isRedelivered: Bool
    /// When it came, by the steady clock of the node that owns the partition.
    package var arrived: Duration?

    package init(
        tag: UInt64,
        message: Message,
        replyTo: ReplyAddress?,
        size: Int,
        original: any OriginalMessage,
        isRedelivered: Bool = false
    ) {
        self.isRedelivered = isRedelivered
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
        /// To another instance, or to itself; numbered and confirmed like all that leaves.
        case command(Command)
        /// The end of a sub-orchestration or an entity's answer, to the task that waits for it.
        case result(TaskResult)
        case deadLetter(DeadLetter)
    }

    package var number: OutboundNumber
    /// The ownership that sends it; receivers drop what comes from an older one.
    package var epoch: Epoch
    package var message: Message

    package init(number: OutboundNumber, epoch: Epoch, message: Message) {
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

/// An attempt at an activity whose result is no longer awaited.
package struct WithdrawnTask: Equatable, Sendable {
    /// Nil where the task is not known any more.
    package var activity: String?
    package var address: TaskAddress
    package var reason: String

    package init(activity: String?, address: TaskAddress, reason: String) {
        self.activity = activity
        self.address = address
        self.reason = reason
    }
}

/// The outcome of an outbound message.
package struct OutboundSettlement: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
        case confirmed
        /// Returned, refused or too large for the broker: to be retried later, without blocking others.
        case undeliverable(reason: String)
        /// A queue that it was routed to refused it. The same as undeliverable, except for a status, where it concerns
        /// only that subscriber: it is dropped after a few attempts, since each goes to all the others too.
        case refused(reason: String)
        /// The broker did not confirm it in time: it may be in some of the queues that it was routed to, or in all. Like a
        /// refusal.
        case unconfirmed(reason: String)
    }

    package var number: OutboundNumber
    package var outcome: Outcome

    package init(number: OutboundNumber, outcome: Outcome) {
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
    /// Tells workers that these tasks are no longer awaited. Best effort: a worker that does not learn of it only works
    /// in vain.
    func withdraw(_ tasks: [WithdrawnTask])
    /// Tells workers that begin an attempt again what those before them had reported, null for nothing. Best effort: a
    /// worker that does not learn of it begins where the attempt began.
    func resume(_ reports: [ProgressReport])
    /// Publishes the progress of activities. Best effort: what is lost is reported again, or obsolete.
    func report(_ progress: [ProgressMessage])
    /// Acks every delivery up to this tag. Called only after the commit that consumed them, and after everything that
    /// follows from them was sent: handing over the partition waits for this.
    func acknowledge(through tag: UInt64)
    /// Gives the partition up: the edge closes the channel, and with it the lock, and may offer it again later.
    func resign(_ reason: String)
}

/// How an ownership begins.
package struct Ownership: Sendable {
    package enum Beginning: Equatable, Sendable {
        /// The journal is here, and as far as it must be. With a log, under the fence of this epoch; without one, under this
        /// epoch where the broker has lost what it had.
        case goOn(epoch: Epoch?, pointer: LogAddress?)
        /// A segment with this number begins with what is here. Where nothing is here, the partition itself begins. Unless
        /// it `continues` what the broker has, the broker knows nothing of the partition, or has lost its log: then whatever
        /// is open is sent again.
        case seed(segment: Int64, continues: Bool = false)
        /// Without a log: there is no journal yet, and no node ever had one.
        case found
    }

    package var link: any PartitionLink
    /// Nil in a hub without logs.
    package var log: (any PartitionLog)?
    package var beginning: Beginning

    package init(link: any PartitionLink, log: (any PartitionLog)?, beginning: Beginning) {
        self.link = link
        self.log = log
        self.beginning = beginning
    }
}

/// What a node has of a partition's journal.
package struct HeldJournal: Equatable, Sendable {
    package var journal: JournalID
    package var standing: JournalPosition

    package init(journal: JournalID, standing: JournalPosition) {
        self.journal = journal
        self.standing = standing
    }
}

/// A record of the log as the broker delivers it.
package struct LogEntry: Equatable, Sendable {
    package var offset: Int64
    package var bytes: [UInt8]

    package init(offset: Int64, bytes: [UInt8]) {
        self.offset = offset
        self.bytes = bytes
    }
}

/// How far a reader of the log has come.
package struct LogPosition: Equatable, Sendable {
    package var standing: JournalPosition
    /// The number of the last commit that counts in what was read so far, applied now or before; 0 for none.
    package var lastLogged: CommitNumber
    /// Fences that were read, by nonce: whether they counted.
    package var fences: [UInt64: Bool]
    /// The log continues in this segment.
    package var sealed: Int64?
    /// Records appended by owners that no longer owned the partition.
    package var lateRecords: Int64
    /// Records that no owner can have written.
    package var strangeRecords: Int64

    package init(
        standing: JournalPosition,
        lastLogged: CommitNumber = 0,
        fences: [UInt64: Bool] = [:],
        sealed: Int64? = nil,
        lateRecords: Int64 = 0,
        strangeRecords: Int64 = 0
    ) {
        self.standing = standing
        self.lastLogged = lastLogged
        self.fences = fences
        self.sealed = sealed
        self.lateRecords = lateRecords
        self.strangeRecords = strangeRecords
    }
}

/// One partition at one node, as the edge drives it.
///
/// ```
///  (follow | rebuild)* → take → (deliver | settle)* → lose, then perhaps again
/// ```
package protocol PartitionOwner: AnyObject, Sendable {
    /// What this node has of the partition; nil when that is nothing. Throws when what lies here cannot be used.
    func holding() async throws -> HeldJournal?
    /// Applies records of a segment's log, in order, to the journal that is here. Nil when a snapshot is being read and
    /// is not complete yet.
    ///
    /// The first call after ``read(_:from:)`` must carry the record at its offset.
    ///
    /// - Throws: `.diverged` when what is here must be rebuilt from the segment's first record.
    func follow(_ entries: [LogEntry]) async throws -> LogPosition?
    /// A reader begins: after what is here, or (`rebuilding`) with the snapshot, which replaces everything here once
    /// the snapshot is complete.
    func read(_ pointer: LogAddress, rebuilding: Bool) async throws
    /// The lock is held: begin as `ownership` says, republish what the broker may not have, and be ready for
    /// deliveries. Returns the epoch of this ownership, and where its log continues.
    func take(_ ownership: Ownership) async throws -> (epoch: Epoch, pointer: LogAddress?)
    func deliver(_ deliveries: [InboundDelivery])
    func settle(_ settlements: [OutboundSettlement])
    /// The lock is gone: whatever is not committed is dropped. Returns when the owner has stopped acting.
    func lose(_ reason: String) async
}
