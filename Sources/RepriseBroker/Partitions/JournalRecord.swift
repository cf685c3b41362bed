import RabbitMQ
import RepriseEngine
import RepriseKernel

/// The broker's record of which journal a partition belongs to, and where its log continues. Read and replaced under
/// the partition's lock only, on the lock's own channel.
///
/// One message in a queue that keeps one: the next one drops it. As text, for people too:
/// ```
///  b5a4… format 3                    a journal, and no log
///  b5a4… format 3 log 3 1200 17 9    segment 3, whose snapshot stands at commit 1200 and takes 17 records with its frame;
///                                    the log was begun in epoch 9
///  … mark 1250 12 node-a             commit 1250, of epoch 12, is in the log and in the journal of node-a
/// ```
/// It is a hint: without it, the log itself says where it goes on (``LogSurvey``). Only the mark says what a log that has
/// lost its end does not know.
/// A release takes no partition whose record has a later format than it knows: it could not read all histories, and what it
/// cannot read fails.
struct JournalRecord: Equatable {
    /// Raised with each kind of history record or inline message that the releases before do not know. The first release
    /// wrote none into the record, and reads none that has one.
    static let latestFormat: Int64 = 3

    var journal: JournalID
    var format = latestFormat
    /// Nil in a hub without logs, and in one that had none until now.
    var pointer: LogAddress?
    /// How far the partition had come when it was written; nil in what earlier releases wrote.
    var mark: LogMark?

    init(journal: JournalID, pointer: LogAddress? = nil, mark: LogMark? = nil) {
        self.journal = journal
        self.pointer = pointer
        self.mark = mark.map { LogMark(commit: $0.commit, epoch: $0.epoch, node: Self.word($0.node)) }
    }

    /// Where a mark's node is one word.
    private static func word(_ node: String) -> String {
        String(node.prefix(80).map { $0.isLetter || $0.isNumber || "-_.@".contains($0) ? $0 : "_" })
    }

    /// Nil for what no release has written. What follows a later format is ignored.
    init?(text: String) {
        var words = text.split(separator: " ", omittingEmptySubsequences: false)[...]
        guard let journal = words.popFirst(), !journal.isEmpty else { return nil }
        self.journal = JournalID(rawValue: String(journal))
        format = 1
        if words.first == "format" {
            guard words.count > 1, let number = OutsideNumber(words[words.startIndex + 1])?.value, number > 1 else {
                return nil
            }
            format = number
            words = words.dropFirst(2)
        }
        if words.isEmpty || format > Self.latestFormat { return }
        if words.first == "log" {
            guard let pointer = Self.pointer(&words) else { return nil }
            self.pointer = pointer
        }
        if words.first == "mark" {
            guard let mark = Self.mark(&words) else { return nil }
            self.mark = mark
        }
        // More words than these are a later release's, and these stay what they are.
        guard pointer != nil || mark != nil else { return nil }
    }

    private static func pointer(_ words: inout ArraySlice<Substring>) -> LogAddress? {
        let log = Array(words)
        guard log.count >= 4, let segment = OutsideNumber.start(log[1]), let commit = OutsideNumber.start(log[2]),
            let records = OutsideNumber.start(log[3])
        else { return nil }
        var pointer = LogAddress(segment: segment, commit: CommitNumber(rawValue: commit), records: records)
        words = words.dropFirst(4)
        if let word = words.first, word != "mark" {
            guard let epoch = OutsideNumber.start(word) else { return nil }
            pointer.epoch = Epoch(rawValue: epoch)
            words = words.dropFirst()
        }
        return pointer
    }

    private static func mark(_ words: inout ArraySlice<Substring>) -> LogMark? {
        let said = Array(words.prefix(4))
        guard said.count >= 3, let commit = OutsideNumber.start(said[1]), let epoch = OutsideNumber.start(said[2])
        else { return nil }
        words = words.dropFirst(said.count)
        return LogMark(
            commit: CommitNumber(rawValue: commit),
            epoch: Epoch(rawValue: epoch),
            node: said.count > 3 ? String(said[3]) : ""
        )
    }

    var text: String {
        var text = journal.rawValue
        if format > 1 { text += " format \(format)" }
        if let pointer {
            text += " log \(pointer.segment) \(pointer.commit) \(pointer.records)"
            if let epoch = pointer.epoch { text += " \(epoch)" }
        }
        if let mark {
            text += " mark \(mark.commit) \(mark.epoch)"
            if !mark.node.isEmpty { text += " \(mark.node)" }
        }
        return text
    }

    var message: RabbitMQMessage {
        RabbitMQMessage(properties: RabbitMQProperties(contentType: "text/plain"), body: Array(text.utf8))
    }

    /// Whether a node would read it: nothing else is to be written.
    var isReadable: Bool { JournalRecord(text: text) == self }

    /// Leaves the record where it is.
    ///
    /// - Throws: ``TakeoverDeclined`` for a record that cannot be read.
    static func read(_ partition: PartitionNumber, _ names: HubNames, _ channel: RabbitMQChannel) async throws
        -> JournalRecord?
    {
        let queue = names.journal(partition)
        guard let message = try await channel.get(queue) else { return nil }
        // Should this channel end before, the broker does the same.
        channel.nack(message.tag, requeue: true)
        let text = String(decoding: message.body.bytes ?? [], as: UTF8.self)
        guard let record = JournalRecord(text: text) else {
            throw TakeoverDeclined(
                "the queue '\(queue)' does not hold a journal's record ('\(text.prefix(80))'; no number in one "
                    + "is above 2^52): a newer release wrote it, or a stranger. Start a node of that release, or take the "
                    + "message away",
                isForPeople: true
            )
        }
        guard record.format <= latestFormat else {
            throw TakeoverDeclined(
                "a newer release has had it (the record in '\(queue)' has format \(record.format), this release knows "
                    + "\(latestFormat)): start a node of that release",
                isForPeople: true
            )
        }
        return record
    }

    /// From then on, earlier releases leave the partition alone.
    func raise(_ partition: PartitionNumber, _ names: HubNames, _ channel: RabbitMQChannel) async throws {
        guard format < Self.latestFormat else { return }
        try await JournalRecord(journal: journal, pointer: pointer, mark: mark).write(partition, names, channel)
    }

    /// - Throws: ``TakeoverDeclined`` for what no node would read.
    func write(_ partition: PartitionNumber, _ names: HubNames, _ channel: RabbitMQChannel) async throws {
        guard isReadable else {
            throw TakeoverDeclined(
                "'\(text.prefix(80))' is not written to the queue '\(names.journal(partition))', since no node would read it: "
                    + "its numbers are above 2^52. Find out who wrote such a number into that queue or a log, and remove it",
                isForPeople: true
            )
        }
        try await channel.publish(message, routingKey: names.journal(partition))
    }
}
