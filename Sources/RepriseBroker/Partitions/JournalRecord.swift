import RabbitMQ
import RepriseEngine
import RepriseKernel

/// The broker's word on which journal a partition belongs to. Read and written under the partition's lock only.
struct JournalRecord {
    let names: HubNames

    /// Writes the record when there is none.
    ///
    /// - Throws: ``HubError`` with the code `.journal` when the partition belongs to another journal: a second history
    ///   would begin, and everything in the first would stand still for ever.
    func check(_ identity: JournalIdentity, _ channel: Channel) async throws {
        let queue = names.journal(identity.partition)
        guard let record = try await channel.get(queue) else {
            let message = Message(properties: Properties(contentType: "text/plain"), body: Array(identity.id.utf8))
            return try await channel.publish(message, routingKey: queue)
        }
        channel.nack(record.tag, requeue: true)
        let recorded = String(decoding: record.body.bytes ?? [], as: UTF8.self)
        guard recorded == identity.id else {
            throw HubError(
                .journal,
                "partition \(identity.partition) of hub '\(names.hub)' belongs to the journal \(recorded.prefix(80)), and "
                    + "this node has \(identity.id): start it with the data directory that holds the other journal. If that "
                    + "is lost for good, delete the queue's message (purge '\(queue)'): the partition then begins empty"
            )
        }
    }
}
