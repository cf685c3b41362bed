package import RepriseKernel

/// An incarnation of an instance id. Small and fixed in size, since every turn writes it: values lie in history.
package struct InstanceRow: Equatable, Sendable {
    /// Numbers the partition's incarnations, from 1, never reused.
    package var key: InstanceKey
    package var id: InstanceID
    package var name: String
    /// The number of the commit that started it.
    package var incarnation: Incarnation
    package var runtimeStatus: RuntimeStatus
    package var version: Int64
    /// The partition's status sequence at the last status message.
    package var sequence: StatusSequenceNumber
    package var createdTime: Timestamp
    package var lastUpdatedTime: Timestamp
    /// History positions: the first row, the last, the row with the current custom status (0: null), the row that ended it (0: none).
    package var firstPosition: HistoryPosition
    package var lastPosition: HistoryPosition
    package var customStatusPosition: HistoryPosition
    package var endPosition: HistoryPosition
    /// Set once purged or replaced: the outbound number after which the row and its history may be deleted.
    package var hiddenThrough: OutboundNumber?

    package init(
        key: InstanceKey,
        id: InstanceID,
        name: String,
        incarnation: Incarnation,
        runtimeStatus: RuntimeStatus,
        version: Int64,
        sequence: StatusSequenceNumber,
        createdTime: Timestamp,
        lastUpdatedTime: Timestamp,
        firstPosition: HistoryPosition,
        lastPosition: HistoryPosition,
        customStatusPosition: HistoryPosition,
        endPosition: HistoryPosition,
        hiddenThrough: OutboundNumber?
    ) {
        self.key = key
        self.id = id
        self.name = name
        self.incarnation = incarnation
        self.runtimeStatus = runtimeStatus
        self.version = version
        self.sequence = sequence
        self.createdTime = createdTime
        self.lastUpdatedTime = lastUpdatedTime
        self.firstPosition = firstPosition
        self.lastPosition = lastPosition
        self.customStatusPosition = customStatusPosition
        self.endPosition = endPosition
        self.hiddenThrough = hiddenThrough
    }
}

/// What one instance appended in one commit. History is the outbox: its outbound records take consecutive outbound
/// numbers from `firstOutbound`, its status messages consecutive sequence numbers from `firstSequence`.
package struct HistoryRow: Equatable, Sendable {
    /// The place in commit order, from 1.
    package var position: HistoryPosition
    package var instance: InstanceKey
    /// The instance's row before this one; 0 for its first.
    package var previous: HistoryPosition
    package var firstOutbound: OutboundNumber
    package var firstSequence: StatusSequenceNumber
    /// ``HistoryCodec``'s form of the records.
    package var records: [UInt8]

    package init(
        position: HistoryPosition,
        instance: InstanceKey,
        previous: HistoryPosition,
        firstOutbound: OutboundNumber,
        firstSequence: StatusSequenceNumber,
        records: [UInt8]
    ) {
        self.position = position
        self.instance = instance
        self.previous = previous
        self.firstOutbound = firstOutbound
        self.firstSequence = firstSequence
        self.records = records
    }
}

/// One history record that waits to be applied to an instance.
package struct PendingRow: Equatable, Sendable {
    package var position: PendingNumber
    package var instance: InstanceKey
    package var record: [UInt8]

    package init(position: PendingNumber, instance: InstanceKey, record: [UInt8]) {
        self.position = position
        self.instance = instance
        self.record = record
    }
}

/// An event for an instance that does not exist (yet): kept until `until`, then a dead letter.
package struct HeldRow: Equatable, Sendable {
    package var position: PendingNumber
    package var instance: InstanceID
    package var name: String
    package var payload: Payload
    package var messageID: String?
    package var until: Timestamp
    /// The message as the edge knew it, for the dead letter.
    package var original: [UInt8]

    package init(
        position: PendingNumber,
        instance: InstanceID,
        name: String,
        payload: Payload,
        messageID: String?,
        until: Timestamp,
        original: [UInt8]
    ) {
        self.position = position
        self.instance = instance
        self.name = name
        self.payload = payload
        self.messageID = messageID
        self.until = until
        self.original = original
    }
}

/// A command that was accepted: its repeat gets the same answer.
package struct SeenRow: Equatable, Sendable {
    package var key: [UInt8]
    package var fingerprint: UInt64
    /// From then on it is remembered as long as any. Earlier than it was accepted where less is enough.
    package var time: Timestamp

    package init(key: [UInt8], fingerprint: UInt64, time: Timestamp) {
        self.key = key
        self.fingerprint = fingerprint
        self.time = time
    }
}

/// How often the process died in a turn of this instance since the last turn of it that was committed.
package struct CrashRow: Equatable, Sendable {
    package var instance: InstanceID
    /// By a trap: the code's doing.
    package var traps: Int
    /// By the turn time-out: the code's doing too.
    package var timeouts: Int
    /// By something that gave no reason: a plain kill, the kernel short of memory, perhaps nobody's doing.
    package var kills: Int
    /// Deaths of other nodes, whose reasons lie on their disks: a turn is counted before it is tried, and the count
    /// taken back after it, or by the node that died when it comes back.
    package var trials: Int

    package init(instance: InstanceID, traps: Int = 0, timeouts: Int = 0, kills: Int = 0, trials: Int = 0) {
        self.instance = instance
        self.traps = traps
        self.timeouts = timeouts
        self.kills = kills
        self.trials = trials
    }
}

/// An outbound message that no history holds: a dead letter, or the news of a purge.
package struct InlineRow: Equatable, Sendable {
    package var number: OutboundNumber
    package var message: [UInt8]

    package init(number: OutboundNumber, message: [UInt8]) {
        self.number = number
        self.message = message
    }
}

/// An outbound message that the broker returned or refused, tried again later, so that it blocks nobody meanwhile; or one
/// that is sent once more because the broker may have lost it, or its answer.
package struct RetryRow: Equatable, Sendable {
    package var number: OutboundNumber
    /// The history row that holds the message; 0 when it is an inline one.
    package var position: HistoryPosition
    package var attempts: Int
    /// Whoever has had it is to answer again.
    package var isSentAgain: Bool
    package var due: Timestamp
    package var reason: String

    package init(
        number: OutboundNumber,
        position: HistoryPosition,
        attempts: Int,
        isSentAgain: Bool = false,
        due: Timestamp,
        reason: String
    ) {
        self.number = number
        self.position = position
        self.attempts = attempts
        self.isSentAgain = isSentAgain
        self.due = due
        self.reason = reason
    }
}
