import RepriseKernel

// The numbers that a partition gives, each once. A journal has them from the commit that uses them.
extension JournalHead {
    mutating func giveKey() -> InstanceKey {
        defer { nextKey += 1 }
        return nextKey
    }

    mutating func givePosition() -> HistoryPosition {
        defer { nextPosition += 1 }
        return nextPosition
    }

    mutating func givePending() -> PendingNumber {
        defer { nextPending += 1 }
        return nextPending
    }

    mutating func giveOutbound() -> OutboundNumber {
        defer { nextOutbound += 1 }
        return nextOutbound
    }

    mutating func giveSequence() -> StatusSequenceNumber {
        sequence += 1
        return sequence
    }

    mutating func countDroppedResult() { droppedResults += 1 }

    /// - Parameter epoch: the ownership that begins.
    mutating func begin(_ epoch: Epoch) { self.epoch = epoch }

    /// Comes to the next commit, of these changes.
    ///
    /// - Parameter left: the position of the row that took the place of the oldest history that is still to be deleted.
    mutating func advance(at now: Timestamp, _ outbox: Outbox, left: HistoryPosition?, _ changes: JournalCommit) {
        commit += 1
        time = now
        confirmedThrough = outbox.confirmedThrough
        confirmedBeyond = outbox.confirmedBeyond
        unconfirmedFrom = min(outbox.unconfirmedFrom(next: nextPosition), left ?? nextPosition)
        checksum = checksum(of: changes)
    }

    private func checksum(of changes: JournalCommit) -> UInt64 {
        var hash = FNV1a()
        hash.combine(checksum)
        hash.combine(UInt64(bitPattern: commit.rawValue))
        // The first commits of two owners may differ only in these.
        hash.combine(UInt64(bitPattern: epoch.rawValue))
        hash.combine(UInt64(bitPattern: time.milliseconds))
        for row in changes.history {
            hash.combine(UInt64(bitPattern: row.position.rawValue))
            hash.combine(UInt64(bitPattern: row.instance.rawValue))
            // The row's own checksum, which its encoding ends with, stands for its bytes.
            hash.combine(row.records.suffix(8))
        }
        for row in changes.instances {
            hash.combine(UInt64(bitPattern: row.key.rawValue))
            hash.combine(UInt64(bitPattern: row.version))
        }
        return hash.value
    }
}
