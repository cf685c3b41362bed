package import RepriseKernel

/// An incarnation of an instance id. Small and fixed in size, since every turn writes it: values are in history.
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

extension HistoryRow {
    /// Its records.
    ///
    /// - Throws: `.damaged`, which is the misfortune of its instance and of no other.
    func decoded() throws(JournalError) -> [HistoryRecord] {
        do {
            return try HistoryCodec.decode(records)
        } catch {
            throw JournalError(.damaged, "history row \(position) of instance \(instance): \(error)")
        }
    }
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
