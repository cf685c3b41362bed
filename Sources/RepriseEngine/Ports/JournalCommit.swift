package import RepriseKernel

/// The one row that says how far a partition has come. Written whole with every commit.
package struct JournalHead: Equatable, Sendable {
    /// The number of the last commit, and the chained checksum of all up to it.
    package var commit: CommitNumber = 0
    package var checksum: UInt64 = FNV1a().value
    /// Recorded time never goes back.
    package var time: Timestamp = .zero
    /// How often the partition has been taken.
    package var epoch: Epoch = 0
    package var nextKey: InstanceKey = 1
    package var nextPosition: HistoryPosition = 1
    package var nextPending: PendingNumber = 1
    package var nextOutbound: OutboundNumber = 1
    /// The last status sequence given.
    package var sequence: StatusSequenceNumber = 0
    /// Every outbound number up to this one has been confirmed or moved to the retry table.
    package var confirmedThrough: OutboundNumber = 0
    /// Ranges confirmed beyond it, ascending, as first and last number.
    package var confirmedBeyond: [ClosedRange<OutboundNumber>] = []
    /// No history row before this position has an unconfirmed message, or took the place of history that is still there.
    package var unconfirmedFrom: HistoryPosition = 1
    /// Late results that nobody waited for.
    package var droppedResults: Int64 = 0

    package init() {}
}

/// Everything one batch changes, committed together.
package struct JournalCommit: Equatable, Sendable {
    package var head: JournalHead
    package var history: [HistoryRow] = []
    /// Inserted or replaced by key.
    package var instances: [InstanceRow] = []
    /// Hidden instances whose row and history go now.
    package var deletedInstances: [InstanceKey] = []
    /// History that counts no more of instances that live on.
    package var deletedHistory: [FormerHistory] = []
    package var timersSet: [TimerRow] = []
    package var timersCleared: [TimerRow] = []
    package var pendingAdded: [PendingRow] = []
    package var pendingRemoved: [PendingNumber] = []
    package var heldAdded: [HeldRow] = []
    package var heldRemoved: [PendingNumber] = []
    package var seen: [SeenRow] = []
    /// Keys of accepted commands that are remembered no longer.
    package var seenForgotten: [[UInt8]] = []
    package var inlineAdded: [InlineRow] = []
    package var inlineRemoved: [OutboundNumber] = []
    /// Inserted or replaced by number.
    package var retries: [RetryRow] = []
    package var retriesRemoved: [OutboundNumber] = []
    /// Inserted or replaced by instance.
    package var crashes: [CrashRow] = []
    package var crashesCleared: [InstanceID] = []

    package init(head: JournalHead) { self.head = head }

    /// Whether there is nothing in it but how far the partition has come.
    package var isEmpty: Bool { self == JournalCommit(head: head) }
}

/// What an instance has left behind by continuing as new, or an entity by its later states: the row at `last` and all
/// that it follows.
package struct FormerHistory: Equatable, Sendable {
    package var instance: InstanceKey
    package var last: HistoryPosition

    package init(instance: InstanceKey, last: HistoryPosition) {
        self.instance = instance
        self.last = last
    }
}

/// What a journal tells a process that takes the partition up.
package struct RecoveredPartition: Equatable, Sendable {
    package var head: JournalHead
    package var timers: [TimerRow]
    package var held: [HeldRow]
    package var inline: [InlineRow]
    package var retries: [RetryRow]
    /// Hidden instances whose history still has to go.
    package var hidden: [InstanceRow]
    package var crashes: [CrashRow]
    /// Visible instances that something waits for: early events, or what their code could not take when it came.
    package var waiting: [InstanceID]

    package init(
        head: JournalHead,
        timers: [TimerRow],
        held: [HeldRow],
        inline: [InlineRow],
        retries: [RetryRow],
        hidden: [InstanceRow],
        crashes: [CrashRow],
        waiting: [InstanceID]
    ) {
        self.head = head
        self.timers = timers
        self.held = held
        self.inline = inline
        self.retries = retries
        self.hidden = hidden
        self.crashes = crashes
        self.waiting = waiting
    }
}
