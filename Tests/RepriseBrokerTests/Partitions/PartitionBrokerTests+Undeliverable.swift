import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseBroker

/// What no queue takes.
extension PartitionBrokerTests {
    @Test("A task whose queue no one has made is undeliverable; its queue is made, and then it passes")
    func missingQueue() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            let owner = RecordingOwner()
            try await test.running([service(test, owner)]) {
                let link = try await untilFound("the owner") { owner.link }
                link.publish([Outbound(number: 1, epoch: 1, message: .task(.sayHello()))])
                let reason: String = try await untilFound("the return") {
                    for case .settled(let settlement) in owner.events {
                        if case .undeliverable(let reason) = settlement.outcome { return reason }
                    }
                    return nil
                }
                #expect(reason.contains("E1_SayHello"))
                try await until("the queue") { try await test.depth(test.names.activity("E1_SayHello")) != nil }
                // A quorum queue that is only just there refuses what comes; the engine tries again, and so does this.
                let confirmed = RecordingOwner.Event.settled(OutboundSettlement(number: 1, outcome: .confirmed))
                while owner.events.last != confirmed {
                    let settled = owner.events.count
                    link.publish([Outbound(number: 1, epoch: 1, message: .task(.sayHello()))])
                    try await until("a settlement") { owner.events.count > settled }
                }
                #expect(try await test.depth(test.names.activity("E1_SayHello")) == 1)
            }
        }
    }

    @Test("What the broker would not take is undeliverable, and the partition lives on")
    func tooLarge() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = RecordingOwner()
            try await test.running([service(test, owner)]) {
                let link = try await untilFound("the owner") { owner.link }
                let large = String(repeating: "1", count: 1_048_577)
                link.publish([
                    Outbound(number: 1, epoch: 1, message: .status(.make(.customStatusSet, payload: large))),
                    Outbound(number: 2, epoch: 1, message: .status(.make(.completed))),
                ])
                try await until("both") {
                    owner.events.filter { if case .settled = $0 { true } else { false } }.count == 2
                }
            }
            #expect(owner.events.contains(.settled(OutboundSettlement(number: 2, outcome: .confirmed))))
            #expect(owner.events.filter { $0 == .taken }.count == 1)
        }
    }

    @Test("A dead letter from the engine is the original with its reason")
    func deadLetter() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = RecordingOwner { deliveries, link in
                for delivery in deliveries {
                    let letter = DeadLetter(
                        reason: "because",
                        code: .unknownInstance,
                        original: delivery.original.encoded()
                    )
                    link.publish([Outbound(number: 9, epoch: 1, message: .deadLetter(letter))])
                    link.acknowledge(through: delivery.tag)
                }
            }
            try await test.running([service(test, owner), test.forwarder().run]) {
                try await test.publish(
                    "event.Go",
                    RabbitMQProperties(correlationID: "one", messageID: "m1"),
                    body: "[1]"
                )
                let letter = DeadLetterEnvelope(try await test.next(test.names.dead))
                #expect(
                    letter.id == "\(test.hub).0.d9" && letter.reason == "because" && letter.code == "UnknownInstance"
                )
                #expect(letter.original.exchange == test.names.commands && letter.original.routingKey == "event.Go")
                #expect(letter.original.properties.messageID == "m1")
                #expect(letter.original.body == .bytes(Array("[1]".utf8)))
            }
        }
    }
}
