import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("The record of a partition's journal", .live)
struct JournalRecordTests {
    private let zero = PartitionNumber(0)

    private func record(_ segment: Int64) -> JournalRecord {
        JournalRecord(journal: "j", pointer: LogAddress(segment: segment, commit: 7, records: 5))
    }

    @Test("Its text, with a log and without")
    func text() {
        #expect(JournalRecord(journal: "b5a4").text == "b5a4 format 3")
        #expect(JournalRecord(text: "b5a4 format 3") == JournalRecord(journal: "b5a4"))
        #expect(record(3).text == "j format 3 log 3 7 5")
        #expect(JournalRecord(text: "j format 3 log 3 7 5") == record(3))
        var begun = record(3)
        begun.pointer?.epoch = 9
        #expect(begun.text == "j format 3 log 3 7 5 9")
        #expect(JournalRecord(text: "j format 3 log 3 7 5 9") == begun)
        var marked = begun
        marked.mark = LogMark(commit: 12, epoch: 10, node: "node-a.local")
        #expect(marked.text == "j format 3 log 3 7 5 9 mark 12 10 node-a.local")
        #expect(JournalRecord(text: marked.text) == marked)
        #expect(
            JournalRecord(text: "j format 3 log 3 7 5 mark 12 10")?.mark == LogMark(commit: 12, epoch: 10, node: "")
        )
        for other in [
            "", "j log 3 7", "j log 3 7 x", "j lag 3 7 5", " log 3 7 5", "j format", "j format x", "j format 1",
            "j format 3 log 3 7", "j format 3 log 3 7 5 x", "j format 3 log 3 7 5 -1",
            "j format 3 log 3 7 5 9 mark 12", "j format 3 log 3 7 5 9 mark x 10",
        ] {
            #expect(JournalRecord(text: other) == nil, "'\(other)'")
        }
        #expect(JournalRecord(text: "j format 3 log 3 7 5 9 more") == begun, "a later release may say more")
        #expect(JournalRecord(text: "j format 4 anything")?.format == 4)
    }

    /// It passes over no word that it does not know, but reads no partition's histories either that it could not.
    @Test("Records of the first release are read, and it reads none of this one's", arguments: ["j", "j log 3 7 5"])
    func firstRelease(_ text: String) throws {
        let old = try #require(JournalRecord(text: text))
        #expect(old.format == 1 && old.text == text)
        // After the journal it knows the word 'log', and no other.
        let new = JournalRecord(journal: old.journal, pointer: old.pointer).text.split(separator: " ")
        #expect(new[0] == "j" && new[1] == "format")
    }

    /// A segment of 2^53 was read, and the next one written, which no one read.
    @Test("A number that leaves no room for those after it is not read, and not written", arguments: [0, 1, 2])
    func room(place: Int) async throws {
        var numbers: [Int64] = [3, 7, 5]
        numbers[place] = OutsideNumber.start.upperBound
        let last = JournalRecord(text: "j log \(numbers.map(String.init).joined(separator: " "))")
        #expect(last?.pointer != nil)
        for number in [OutsideNumber.start.upperBound + 1, OutsideNumber.range.upperBound, .max] {
            numbers[place] = number
            let beyond = JournalRecord(
                journal: "j",
                pointer: LogAddress(
                    segment: numbers[0],
                    commit: CommitNumber(rawValue: numbers[1]),
                    records: numbers[2]
                )
            )
            #expect(JournalRecord(text: beyond.text) == nil)
            try await LiveHub.with(partitions: 1) { test in
                let channel = try await test.channel()
                await #expect(throws: TakeoverDeclined.self) { try await beyond.write(zero, test.names, channel) }
                #expect(try await test.depth(test.names.journal(zero)) == 0)
            }
        }
    }

    @Test("Reading leaves it; writing replaces it")
    func replacing() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let channel = try await test.channel()
            #expect(try await JournalRecord.read(zero, test.names, channel) == nil)
            for segment in 1...20 {
                try await record(Int64(segment)).write(zero, test.names, channel)
                // Twice: what was read is back before what follows on the channel.
                for _ in 0..<2 {
                    #expect(try await JournalRecord.read(zero, test.names, channel) == record(Int64(segment)))
                }
                try await until("one record") { try await test.depth(test.names.journal(zero)) == 1 }
            }
        }
    }

    @Test("However a replacement is cut off, one record is there, and one of the two")
    func cutOff() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (relay, endpoint) = try test.relay()
            defer { relay.close() }
            try await record(0).write(zero, test.names, try await test.channel())
            var last = record(0)
            for segment in 1...30 {
                let live = try await endpoint.open(for: "cut off")
                let channel = try await live.connection.openChannel()
                // A reader that dies before it gives the old one back, and a writer that dies before its confirm.
                // What the last reader gave back over its own connection may be there a moment later.
                let old = try await untilFound("the record") { try await channel.get(test.names.journal(zero)) }
                let isReturned = segment.isMultiple(of: 2)
                if isReturned { channel.nack(old.tag, requeue: true) }
                channel.publish([
                    RabbitMQPublication(
                        id: 1,
                        routingKey: test.names.journal(zero),
                        message: record(Int64(segment)).message
                    )
                ])
                for _ in 0..<(segment % 5) { await Task.yield() }
                relay.cut()
                try? await live.untilLost()
                // The broker has noticed once the consumer's message is back or replaced.
                try await until("one record") { try await test.depth(test.names.journal(zero)) == 1 }
                let found = try #require(try await JournalRecord.read(zero, test.names, try await test.channel()))
                // What was there once stays until it is replaced.
                #expect(JournalRecord(text: String(decoding: old.body.bytes ?? [], as: UTF8.self)) == last)
                #expect(found == record(Int64(segment)) || found == last)
                last = found
            }
        }
    }
}
