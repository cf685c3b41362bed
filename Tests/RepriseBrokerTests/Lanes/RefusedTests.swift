import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// "A queue refused it" was all that people heard of it.
@Suite("Queues that are full", .live)
struct RefusedTests {
    @Test("Whose queue refuses is said")
    func named() async throws {
        try await LiveHub.with(partitions: 1, activities: ["Full"]) { test in
            let full: RabbitMQTable = ["x-max-length": 0, "x-overflow": "reject-publish"]
            let subscriber = "\(test.hub)-full"
            let channel = try await test.channel()
            try await channel.declareQueue(test.names.activity("Full"), arguments: full)
            try await channel.declareQueue(subscriber, arguments: full)
            try await channel.bindQueue(subscriber, to: test.names.statuses, routingKey: "#")
            let owner = RecordingOwner()
            try await test.running([test.contender(owner)]) {
                let link = try await untilFound("the owner") { owner.link }
                var task = TaskMessage.sayHello(key: 1)
                task.task.name = "Full"
                link.publish([
                    Outbound(number: 1, epoch: 1, message: .task(task)),
                    Outbound(number: 2, epoch: 1, message: .status(.make(.customStatusSet, sequence: 2))),
                ])
                let reasons = try await untilFound("both are refused") {
                    var reasons: [OutboundNumber: String] = [:]
                    for case .settled(let settlement) in owner.events {
                        if case .refused(let reason) = settlement.outcome { reasons[settlement.number] = reason }
                    }
                    return reasons.count == 2 ? reasons : nil
                }
                #expect(reasons[1] == "the queue '\(test.names.activity("Full"))' refused it")
                #expect(reasons[2] == "a queue bound to the exchange '\(test.names.statuses)' refused it")
            }
            try await channel.deleteQueue(subscriber)
        }
    }
}
