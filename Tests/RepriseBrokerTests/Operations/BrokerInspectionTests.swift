import RabbitMQ
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("What the doctor asks a real broker", .live)
struct BrokerInspectionTests {
    @Test("Suspects are counted beside the tasks of their activity")
    func suspects() async throws {
        try await LiveHub.with(partitions: 1, activities: ["Pay", "Ship"]) { test in
            let channel = try await test.channel()
            for queue in [test.names.activity("Pay"), test.names.suspects("Pay"), test.names.activity("Ship")] {
                try await channel.declareQueue(queue)
            }
            for _ in 0..<2 { try await channel.publish(RabbitMQMessage(), routingKey: test.names.suspects("Pay")) }
            let inspection = BrokerInspection(endpoint: test.endpoint, hub: test.hub)
            let report = try await inspection.report(activities: ["Pay", "Nobody", "Ship"])
            #expect(report.activities.map { $0.depth?.messages } == [0, nil, 0])
            #expect(report.suspects.map { $0.depth?.messages } == [2, nil, nil])
        }
    }

    @Test("A record that is gone while its partition works is noticed")
    func record() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = RecordingOwner()
            let inspection = BrokerInspection(endpoint: test.endpoint, hub: test.hub)
            try await test.running([test.contender(owner)]) {
                _ = try await untilFound("the owner") { owner.link }
                let sound = try await inspection.report().partitions
                #expect(sound.map(\.isOwned) == [true] && sound.map(\.hasJournal) == [true])
                try await test.channel().purgeQueue(test.names.journal(PartitionNumber(0)))
                let eaten = try await inspection.report().partitions
                #expect(eaten.map(\.isOwned) == [true] && eaten.map(\.hasJournal) == [false])
            }
        }
    }
}
