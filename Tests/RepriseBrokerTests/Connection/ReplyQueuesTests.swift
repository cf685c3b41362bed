import RabbitMQ
import Testing

@testable import RepriseBroker

@Suite("Queues for answers")
struct ReplyQueuesTests {
    private let late = RabbitMQPublishOutcome.undecided(RabbitMQError(.unconfirmed, "late"))

    private func answer(_ queue: String) -> RabbitMQPublication {
        RabbitMQPublication(
            id: PublicationPurpose.unawaited.id,
            routingKey: queue,
            mandatory: false,
            message: RabbitMQMessage()
        )
    }

    @Test("To a queue that confirms nothing, nothing is sent for a minute (E5)")
    func pause() {
        var queues = ReplyQueues()
        let start = ContinuousClock.now
        let sent = queues.depart([answer("bad"), answer("good"), answer("bad")], at: start)
        #expect(sent.map(\.routingKey) == ["bad", "good", "bad"])
        #expect(Set(sent.map(\.id)).count == 3)
        #expect(sent.allSatisfy { $0.confirmTimeout == ReplyQueues.confirmTimeout })
        #expect(queues.settle([RabbitMQSettlement(id: sent[1].id, outcome: .confirmed)], at: start) == nil)
        #expect(queues.settle([RabbitMQSettlement(id: sent[0].id, outcome: late)], at: start)?.code == .unconfirmed)
        let both = [answer("bad"), answer("good")]
        #expect(queues.depart(both, at: start + .seconds(59)).map(\.routingKey) == ["good"])
        #expect(queues.depart(both, at: start + .seconds(60)).map(\.routingKey) == ["bad", "good"])
    }

    @Test("Queues that no one has any more are forgotten")
    func replyQueuesAreForgotten() {
        var queues = ReplyQueues()
        let start = ContinuousClock.now
        for round in 0..<3 {
            let now = start + .seconds(100 * round)
            let sent = queues.depart((0..<1_500).map { answer("q\(round).\($0)") }, at: now)
            _ = queues.settle(sent.map { RabbitMQSettlement(id: $0.id, outcome: late) }, at: now)
            let again = queues.depart((0..<1_500).map { answer("q\(round).\($0)") }, at: now)
            #expect(again.count == 500, "a thousand are remembered")
            queues.forgetUnderWay()
        }
    }
}
