import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel

/// A partition's log for one period of ownership: everything it writes goes over the lock's channel.
///
/// That is what fences: once the broker gives the lock to another owner, nothing that this owner has sent comes after
/// it. Records overtake everything else waiting in the channel, because a commit waits for each.
final class BrokerLog: PartitionLog {
    private let partition: PartitionNumber
    private let names: HubNames
    private let lock: PartitionLock
    private let segments: LogSegments
    private let timing: LogTiming
    private let confirms = LogConfirms()
    /// Makes the ids of this ownership's records unlike those of any other.
    private let nonce = RandomID.make()
    private let state: BrokerLogState
    /// How far the partition has come, for the record.
    private let mark: @Sendable () -> LogMark?
    private let onPoint: @Sendable (LogAddress) -> Void

    /// What is unconfirmed at once, at most: a snapshot must not pile up in the broker.
    private static let batchBytes = 4 << 20

    init(
        partition: PartitionNumber,
        names: HubNames,
        lock: PartitionLock,
        segments: LogSegments,
        journal: JournalID?,
        timing: LogTiming,
        mark: @escaping @Sendable () -> LogMark?,
        onPoint: @escaping @Sendable (LogAddress) -> Void
    ) {
        self.partition = partition
        self.names = names
        self.lock = lock
        self.segments = segments
        self.timing = timing
        self.mark = mark
        self.onPoint = onPoint
        state = BrokerLogState(journal: journal)
    }

    /// Takes the settlements of what was appended, and returns the rest.
    func settle(_ settlements: [RabbitMQSettlement]) -> [RabbitMQSettlement] { confirms.settle(settlements) }

    // MARK: PartitionLog

    func append(_ record: [UInt8], to segment: Int64) throws(JournalError) {
        try appendInBatches([record], to: segment)
    }

    func append(_ records: [[UInt8]], to segment: Int64) throws(JournalError) {
        if let first = records.first { state.noteJournal(in: first) }
        try appendInBatches(records, to: segment)
    }

    /// A few MiB at a time, each with the full time limit: large data takes long, which is not an error.
    private func appendInBatches(_ records: [[UInt8]], to segment: Int64) throws(JournalError) {
        var batch: [RabbitMQMessage] = []
        var size = 0
        for record in records {
            guard record.count <= LogLimits.maximumRecordBytes else {
                let limit = "the limit is \(LogLimits.maximumRecordBytes)"
                throw unlogged(
                    "a commit's record has \(record.count) bytes, \(limit): let instances pass on less at once"
                )
            }
            for message in LogFragments.messages(of: record, id: "\(nonce).\(state.nextRecord())") {
                if !batch.isEmpty, size + message.body.count > Self.batchBytes {
                    try publish(batch, to: names.log(partition, segment: segment))
                    (batch, size) = ([], 0)
                }
                batch.append(message)
                size += message.body.count
            }
        }
        if !batch.isEmpty { try publish(batch, to: names.log(partition, segment: segment)) }
    }

    func open(segment: Int64) throws(JournalError) {
        guard let failure = segments.open(segment, of: state.journal) else { return }
        guard failure.isOccupied else { throw unlogged(failure.why) }
        throw JournalError(.occupied, "the log of partition \(partition): \(failure.why)")
    }

    func prepare(segment: Int64) { segments.prepare(segment, of: state.journal) }

    func point(to pointer: LogAddress) throws(JournalError) {
        guard let journal = state.journal else {
            throw unlogged("a segment of the log must begin with the head of its journal")
        }
        let record = JournalRecord(journal: journal, pointer: pointer, mark: mark())
        guard record.isReadable else {
            throw unlogged("its segment has the number \(pointer.segment), and no node would read it")
        }
        try publish([record.message], to: names.journal(partition))
        onPoint(pointer)
    }

    func delete(segment: Int64) { segments.delete(segment) }

    private func publish(_ messages: [RabbitMQMessage], to queue: String) throws(JournalError) {
        if let error = lock.ended.now { throw unlogged("\(error)") }
        let publications = zip(confirms.expect(messages.count), messages).map { number, message in
            RabbitMQPublication(id: number, routingKey: queue, mandatory: true, urgent: true, message: message)
        }
        guard lock.channel.publish(publications) else { throw unlogged("the channel is closed") }
        if let failure = confirms.wait(atMost: timing.timeout) {
            // Whatever follows would follow something that may not be there.
            lock.ended.set(RabbitMQError(.closed, "The log was not confirmed."))
            throw unlogged(failure)
        }
    }

    private func unlogged(_ what: String) -> JournalError {
        JournalError(.unlogged, "the log of partition \(partition) did not take what was appended: \(what)")
    }
}
