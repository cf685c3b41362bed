import RabbitMQ
import RepriseEngine
import RepriseKernel

/// The broker's word on which journal a partition belongs to, and where its log goes on. Read and replaced under the
/// partition's lock only, on the lock's own channel.
///
/// One message in a queue that keeps one: the next one drops it. As text, for people too:
/// ```
///  b5a4…                    a journal, and no log
///  b5a4… log 3 1200 17      generation 3, whose snapshot stands at commit 1200 and takes 17 records with its frame
/// ```
struct JournalRecord: Equatable {
    var journal: String
    /// Nil in a hub without logs, and in one that had none until now.
    var pointer: LogPointer?

    init(journal: String, pointer: LogPointer? = nil) {
        self.journal = journal
        self.pointer = pointer
    }

    /// Nil for what no release has written.
    init?(text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let journal = words.first, !journal.isEmpty else { return nil }
        self.journal = String(journal)
        if words.count == 1 { return }
        // More words than these are a later release's, and these stay what they are.
        guard words.count >= 5, words[1] == "log", let generation = OutsideNumber(words[2])?.value,
            let commit = OutsideNumber(words[3])?.value,
            let records = OutsideNumber(words[4])?.value
        else { return nil }
        pointer = LogPointer(generation: generation, commit: commit, records: records)
    }

    var text: String {
        guard let pointer else { return journal }
        return "\(journal) log \(pointer.generation) \(pointer.commit) \(pointer.records)"
    }

    var message: Message {
        Message(properties: Properties(contentType: "text/plain"), body: Array(text.utf8))
    }

    /// Leaves the record where it is.
    ///
    /// - Throws: ``SeatRefusal`` for a record that cannot be read.
    static func read(_ partition: PartitionNumber, _ names: HubNames, _ channel: Channel) async throws -> JournalRecord?
    {
        let queue = names.journal(partition)
        guard let message = try await channel.get(queue) else { return nil }
        // Should this channel end before, the broker does the same.
        channel.nack(message.tag, requeue: true)
        let text = String(decoding: message.body.bytes ?? [], as: UTF8.self)
        guard let record = JournalRecord(text: text) else {
            throw SeatRefusal(
                "the queue '\(queue)' holds something that is no journal's record ('\(text.prefix(80))'): a newer release "
                    + "wrote it, or somebody else. Start a node of that release, or take the message away",
                isForPeople: true
            )
        }
        return record
    }

    func write(_ partition: PartitionNumber, _ names: HubNames, _ channel: Channel) async throws {
        try await channel.publish(message, routingKey: names.journal(partition))
    }
}
