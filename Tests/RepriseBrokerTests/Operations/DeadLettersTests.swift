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
                let (all, total) = try await letters.list()
                #expect(total == 5)
                #expect(all.map(\.original.properties.messageID) == ["m0", "m1", "m2", "m3", "m4"])
                #expect(Set(all.map(\.id)).count == 5)
            }
            #expect(try await letters.list(limit: 2).letters.count == 2)
        }
    }

    @Test("One letter is shown, retried or dropped; the others stay")
    func settle() async throws {
        try await LiveHub.with(partitions: 1) { test in
            try await garbage(test, count: 3)
            let letters = DeadLetters(endpoint: test.endpoint, hub: test.hub)
            let ids = try await letters.list().letters.map(\.id)
            #expect(try await letters.show(ids[1]).original.body == .bytes(Array("1".utf8)))
            _ = try await letters.drop(ids[1])
            _ = try await letters.retry(ids[2])
            // Nothing has changed for it, so it comes back with a new id of its own.
            try await until("the retried command") { try await test.depth(test.names.intake) == 1 }
            #expect(try await letters.list().letters.map(\.id) == [ids[0]])
            let error = await #expect(throws: HubError.self) { try await letters.show(ids[1]) }
            #expect(error?.code == .noSuchDeadLetter)
        }
    }

    @Test("Where there is no hub there are no letters")
    func noHub() async throws {
        let hub = HubName(checked: "nobody-\(RandomID.make().prefix(8))")
        let error = await #expect(throws: HubError.self) {
            try await DeadLetters(endpoint: LiveHub.endpoint(), hub: hub).list()
        }
        #expect(error?.code == .noSuchHub)
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
