import RabbitMQ
import RepriseEngine
import RepriseKernel

/// What the streams of a partition's log contain, for an owner without a record that points to one of them.
///
/// The log is the partition: a record can be purged, removed by a policy, or lost with its broker.
struct LogSurvey: Sendable {
    /// One segment, read to its end.
    struct Found: Equatable, Sendable {
        var stream: String
        /// Nil when it does not begin with the head of a journal: its owner did not get to write it.
        var head: LogHead?
        /// The records that come before its commits; nil when the snapshot is not complete.
        var framed: Int64?
        /// The furthest commit, and the highest epoch of any.
        var last: JournalPosition?
        /// The log went on in this segment.
        var sealed: Int64?
        /// Says which of its records cannot be read; then what is here cannot be told to have it all.
        var unreadable: String?
        private var count: Int64 = 0

        fileprivate init(stream: String) { self.stream = stream }

        /// The record that points here; nil for what is not a complete segment.
        var record: JournalRecord? {
            guard let head, let framed else { return nil }
            let pointer = LogAddress(segment: head.segment, commit: head.standing.commit, records: framed)
            return JournalRecord(journal: head.identity.id, pointer: pointer)
        }

        /// Whether a partition that continues from `holding`, or from nothing, loses what is in here.
        func holdsMore(than holding: HeldJournal?) -> Bool {
            if unreadable != nil { return true }
            guard let head, let last, last.commit > 0 else { return false }
            guard let holding, holding.journal == head.identity.id else { return true }
            return last.commit > holding.standing.commit || last.epoch > holding.standing.epoch
        }

        /// Why it is neither a segment of a journal nor one that its owner did not get to write; nil when it is.
        func stranger(to journal: JournalID?) -> String? {
            if let unreadable { return unreadable }
            return head.flatMap { $0.identity.id == journal ? nil : "it is of the journal \($0.identity.id)" }
        }

        fileprivate mutating func take(_ entry: LogEntry) {
            let record: LogRecord
            do {
                // Not a record, or damaged: readers of the log ignore it (``LogReading``), and its owner's next commit
                // shows whether anything is missing.
                guard let sealed = try LogRecordCodec.decodeIfSealed(entry.bytes) else { return }
                record = sealed
            } catch {
                unreadable = unreadable ?? "its record at offset \(entry.offset) cannot be read: \(error)"
                return
            }
            count += 1
            switch record {
            case .head(let found) where head == nil && count == 1:
                guard found.standing.isPlausible, OutsideNumber.start(found.segment) != nil else {
                    unreadable =
                        "its head is of segment \(found.segment), commit \(found.standing.commit): no log has those"
                    return
                }
                head = found
                last = found.standing
            case .snapshotEnd where framed == nil: framed = count
            case .commit where head == nil:
                unreadable = unreadable ?? "it does not begin with the head of a journal"
            case .commit(let commit):
                let known = last ?? commit.standing
                // No owner can have made it (``LogFold``).
                guard commit.standing.isPlausible, known.precedes(commit.standing.epoch) else { return }
                last = commit.standing.commit >= known.commit ? commit.standing : known
                last?.epoch = max(known.epoch, commit.standing.epoch)
            case .sealed(let next): sealed = sealed ?? next
            case .head, .snapshot, .snapshotEnd, .fence: break
            }
        }
    }

    let connection: RabbitMQConnection
    let timing: LogTiming

    /// So many numbers are looked at, and as many below the highest that is known: what came between is long deleted. A log
    /// that has gone beyond has a stream of the number 0, which is empty and stays.
    static let numbered: Int64 = 16
    /// Where a log has gone beyond those, so many numbers are looked at.
    private static let searched: Int64 = 4_096

    /// How long the broker may deliver nothing while there is something.
    private static let silence = Duration.seconds(30)

    /// All segments of a partition's log that can be found by their numbers, oldest first.
    func all(_ partition: PartitionNumber, _ names: HubNames, upTo highest: Int64, of node: String) async throws
        -> [Found]
    {
        var found: [Found] = []
        let last = max(highest, Self.numbered)
        let numbers = Set(0...Self.numbered).union(max(0, last - Self.numbered)...last)
        for segment in numbers.sorted() {
            if let one = try await look(at: names.log(partition, segment: segment), of: node) {
                found.append(one)
            }
        }
        let isBeyond = found.contains { $0.stream == names.log(partition, segment: 0) }
        guard isBeyond, !found.contains(where: { $0.head != nil }) else { return found }
        return found + (try await beyond(last, partition, names, of: node))
    }

    /// Nobody has said where the log is: its numbers are asked for one by one, as far as a log gets in years.
    private func beyond(_ last: Int64, _ partition: PartitionNumber, _ names: HubNames, of node: String) async throws
        -> [Found]
    {
        var found: [Found] = []
        var segment = last
        var missing: Int64 = 0
        while segment < Self.searched, found.isEmpty || missing < Self.numbered {
            segment += 1
            missing += 1
            guard let one = try await look(at: names.log(partition, segment: segment), of: node) else { continue }
            found.append(one)
            missing = 0
        }
        return found
    }

    /// Nil when there is no such stream.
    ///
    /// The end of a stream cannot be asked for: a fence that does not count is appended, and everything is read up to
    /// it.
    func look(at stream: String, of node: String) async throws -> Found? {
        guard try await connection.existingQueue(stream) != nil else { return nil }
        let nonce = RandomID.number()
        let channel = try await connection.openChannel(confirms: true)
        do {
            try await within(timing.timeout, of: timing.clock, "the confirm of a fence in '\(stream)'") {
                let record = LogRecordCodec.encode(.fence(epoch: 0, nonce: nonce, node: node))
                for message in LogFragments.messages(of: record, id: RandomID.make()) {
                    try await channel.publish(message, routingKey: stream)
                }
            }
        } catch {
            await channel.close()
            throw error
        }
        await channel.close()
        var found = Found(stream: stream)
        try await LogReader(connection: connection, stream: stream, silence: Self.silence, clock: timing.clock)
            .read(from: .first) { entries in
                for entry in entries {
                    if case .fence(0, nonce, _)? = try? LogRecordCodec.decode(entry.bytes) { return false }
                    found.take(entry)
                }
                return true
            }
        return found
    }
}
