import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// Releases side by side: no node takes what a later one has written.
@Suite("The format of a partition", .live)
struct RecordFormatTests {
    private let zero = PartitionNumber(0)

    private func put(_ record: JournalRecord, _ test: LiveHub) async throws {
        try await record.write(zero, test.names, try await test.channel())
    }

    private func text(_ test: LiveHub) async throws -> String? {
        let channel = try await test.channel()
        guard let message = try await channel.get(test.names.journal(zero)) else { return nil }
        channel.nack(message.tag, requeue: true)
        return String(decoding: message.body.bytes ?? [], as: UTF8.self)
    }

    @Test("Taken up, a partition of the first release is closed to it")
    func raised() async throws {
        try await LiveHub.with(partitions: 1) { test in
            try await put(try #require(JournalRecord(text: "journal-a")), test)
            #expect(try await text(test) == "journal-a")
            let owner = RecordingOwner()
            try await test.running([test.contender(owner)]) {
                try await until("the owner") { owner.isTaken }
                #expect(owner.beginning == .goOn(epoch: nil, pointer: nil))
                try await until("the record") { try await text(test) == "journal-a format 3" }
            }
        }
    }

    @Test("What a newer release has had is left alone, and it is said why")
    func newer() async throws {
        try await LiveHub.with(partitions: 1) { test in
            var record = JournalRecord(journal: "journal-a")
            record.format = JournalRecord.latestFormat + 1
            try await put(record, test)
            let (owner, policy) = (RecordingOwner(), TestPolicy())
            try await test.running([test.contender(owner, policy)]) {
                let said = try await untilFound("the refusal") { policy.troubles.first }
                for words in ["a newer release", "format 4", "start a node of that release"] {
                    #expect(said.contains(words), "\(said)")
                }
            }
            #expect(owner.events.isEmpty)
            #expect(try await text(test) == record.text)
        }
    }
}
