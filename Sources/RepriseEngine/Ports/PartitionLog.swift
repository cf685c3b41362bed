package import RepriseKernel

/// Where the log of a partition continues: recorded on the broker beside its lock, read and replaced by its owner only.
package struct LogAddress: Equatable, Sendable {
    package var segment: Int64
    /// The commit of the segment's snapshot.
    package var commit: CommitNumber
    /// How many records its head takes: the snapshot's pieces and the two around them.
    ///
    /// A stream's offsets never run behind the count of its records, so the record of commit n lies at
    /// `records + n - commit - 1` or later.
    package var records: Int64
    /// The epoch under which this log was begun: every owner of it has one above, also when the log has lost the fence
    /// that said so. Nil where it is read from something else than the record, or an earlier release wrote that.
    package var epoch: Epoch?

    package init(segment: Int64, commit: CommitNumber, records: Int64, epoch: Epoch? = nil) {
        self.segment = segment
        self.commit = commit
        self.records = records
        self.epoch = epoch
    }

    /// An offset from which a reader that has `known` misses nothing; nil when it needs the snapshot.
    package func offset(after known: CommitNumber) -> Int64? {
        known < commit ? nil : records + max(0, commit.next.distance(to: known))
    }
}

/// The log of one partition for one period of ownership. Every call blocks the partition's thread, at most
/// a timeout for each record, and throws `.unlogged` when the broker did not confirm: whether the record was stored
/// is then unknown, and only reading the log can tell.
package protocol PartitionLog: AnyObject, Sendable {
    /// Appends an encoded record to a segment's stream, and waits for the broker's confirm.
    func append(_ record: [UInt8], to segment: Int64) throws(JournalError)
    /// The same for many, pipelined: all are confirmed when it returns.
    func append(_ records: [[UInt8]], to segment: Int64) throws(JournalError)
    /// Makes the stream of a segment, empty, and returns when it is old enough to survive a kill -9 of the broker.
    func open(segment: Int64) throws(JournalError)
    /// Creates that stream ahead of time, without waiting for it.
    func prepare(segment: Int64)
    /// Replaces the pointer on the broker.
    func point(to pointer: LogAddress) throws(JournalError)
    /// Deletes a segment that is no longer needed, after a grace period for those still reading it. Does not wait.
    func delete(segment: Int64)
}

/// How large a record may be.
package enum LogLimits {
    /// The maximum size of a commit: readers would not reassemble more.
    package static let maximumRecordBytes = 512 << 20
}
