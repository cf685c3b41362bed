import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("Looking after a hub", .live)
struct DeadLettersTests {
    private func garbage(_ test: LiveHub, count: Int) async throws {
        for number in 0..<count {
            try await test.publish(
                "event.Go",
                RabbitMQProperties(correlationID: "a/b", messageID: "m\(number)"),
                body: "\(number)"
            )
        }
        try await test.running([test.forwarder().run]) {
            try await until("the letters") { try await test.depth(test.names.dead) == count }
        }
    }

    @Test("Letters are listed in order, as often as one likes")
    func list() async throws {
        try await LiveHub.with(partitions: 1) { test in
            try await garbage(test, count: 5)
            let letters = DeadLetters(endpoint: test.endpoint, hub: test.hub)
            for _ in 0..<2 {
                let list = try await letters.list()
                #expect(list.total == 5)
                #expect(list.letters.map(\.messageID) == ["m0", "m1", "m2", "m3", "m4"])
                #expect(list.letters.allSatisfy { $0.body == nil && $0.headers.isEmpty && $0.size == 1 })
                #expect(Set(list.letters.map(\.id)).count == 5)
            }
            #expect(try await letters.list(skipping: 1, limit: 2).letters.map(\.messageID) == ["m1", "m2"])
            #expect(try await letters.list(skipping: 9, limit: 2) == DeadLetterList(letters: [], total: 5))
            #expect(try await letters.list(limit: 0) == DeadLetterList(letters: [], total: 5))
            #expect(try await letters.list(includingBodies: true).letters.last?.body == Array("4".utf8))
        }
    }

    @Test("One letter is shown, retried or dropped; the others stay")
    func settle() async throws {
        try await LiveHub.with(partitions: 1) { test in
            try await garbage(test, count: 3)
            let letters = DeadLetters(endpoint: test.endpoint, hub: test.hub)
            let ids = try await letters.list().letters.map(\.id)
            #expect(try await letters.show(ids[1]).body == Array("1".utf8))
            _ = try await letters.drop(ids[1])
            _ = try await letters.retry(ids[2])
            // Nothing has changed for it, so it comes back with a new id of its own.
            try await until("the retried command") { try await test.depth(test.names.intake) == 1 }
            #expect(try await letters.list().letters.map(\.id) == [ids[0]])
            let error = await #expect(throws: DeadLetterError.self) { try await letters.show(ids[1]) }
            #expect(error == .unknown("there is no dead letter '\(ids[1])' in hub '\(test.hub)'"))
        }
    }

    /// Without the lock a second reader found the letters gone that the first one held, and told fewer.
    @Test("Several look and settle at once: each sees all there are, and each letter is settled once")
    func concurrentUse() async throws {
        try await LiveHub.with(partitions: 1) { test in
            try await garbage(test, count: 8)
            let letters = DeadLetters(endpoint: test.endpoint, hub: test.hub)
            let ids = try await letters.list().letters.map(\.id)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in ids.prefix(4) {
                    for _ in 0..<2 {
                        group.addTask {
                            do throws(DeadLetterError) {
                                _ = try await letters.drop(id)
                            } catch {
                                #expect(error.message.hasPrefix("there is no dead letter"))
                            }
                        }
                    }
                    group.addTask {
                        let list = try await letters.list()
                        #expect(list.letters.count == list.total && (4...8).contains(list.total))
                        #expect(Array(list.letters.map(\.id).suffix(4)) == Array(ids.suffix(4)))
                    }
                }
                while try await group.next() != nil {}
            }
            #expect(try await letters.list().letters.map(\.id) == Array(ids.suffix(4)))
        }
    }

    /// As by a process that ends between the two: what it held is back, and what it sent was sent.
    @Test("A letter that was sent again and not removed is there twice, never gone")
    func crashAfterSending() async throws {
        try await LiveHub.with(partitions: 1) { test in
            try await garbage(test, count: 1)
            let connection = try await test.endpoint.open(for: "crash").connection
            let channel = try await connection.openChannel()
            let delivery = try #require(try await channel.get(test.names.dead))
            let again = try #require(DeadLetterEnvelope(delivery).retry(number: 0))
            try await channel.publish(again.message, exchange: again.exchange, routingKey: again.routingKey)
            await connection.close()
            try await until("the retried command") { try await test.depth(test.names.intake) == 1 }
            let letters = DeadLetters(endpoint: test.endpoint, hub: test.hub)
            #expect(try await letters.list().letters.count == 1)
        }
    }

    @Test("Where there is no hub there are no letters")
    func noHub() async throws {
        let hub = HubName(checked: "nobody-\(RandomID.make().prefix(8))")
        let error = await #expect(throws: DeadLetterError.self) {
            try await DeadLetters(endpoint: LiveHub.endpoint(), hub: hub).list()
        }
        #expect(error?.message.hasPrefix("there is no hub") == true)
    }

    @Test("An inspection sees queues, owners and what is missing")
    func inspection() async throws {
        try await LiveHub.with(partitions: 2) { test in
            try await garbage(test, count: 2)
            let owner = RecordingOwner()
            try await test.running([test.contender(owner, partition: PartitionNumber(1))]) {
                try await until("the owner") { owner.isTaken }
                let report = try await BrokerInspection(endpoint: test.endpoint, hub: test.hub).report(activities: [
                    "Nothing"
                ])
                #expect(report.partitions.map(\.isOwned) == [false, true])
                #expect(report.partitions.map(\.hasJournal) == [false, true])
                #expect(report.dead.depth == BrokerInspection.Depth(messages: 2, consumers: 0))
                #expect(report.intake.depth?.messages == 0)
                #expect(report.activities == [BrokerInspection.Queue(name: test.names.activity("Nothing"), depth: nil)])
            }
        }
    }
}
