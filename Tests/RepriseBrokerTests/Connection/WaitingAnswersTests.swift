import RabbitMQ
import Testing

@testable import RepriseBroker

/// While the broker takes no answers, a node that is asked all the time must not gather them forever.
@Suite struct WaitingAnswersTests {
    private func answer(_ size: Int) -> RabbitMQPublication {
        RabbitMQPublication(
            id: 1,
            routingKey: "q",
            mandatory: false,
            message: RabbitMQMessage(body: [UInt8](repeating: 1, count: size))
        )
    }

    @Test func theyAreBoundedInNumber() {
        var waiting = WaitingAnswers()
        for _ in 0..<WaitingAnswers.most + 10 { waiting.add(answer(1)) }
        #expect(waiting.all.count == WaitingAnswers.most)
        #expect(waiting.bytes == WaitingAnswers.most)
    }

    @Test func theyAreBoundedInBytes() {
        var waiting = WaitingAnswers()
        for _ in 0..<20 { waiting.add(answer(1 << 20)) }
        #expect(waiting.bytes == WaitingAnswers.maximumBytes)
        // What is small enough still goes in, and a large one keeps no one behind it out.
        waiting = WaitingAnswers()
        waiting.add(answer(WaitingAnswers.maximumBytes - 1))
        waiting.add(answer(2))
        waiting.add(answer(1))
        #expect(waiting.all.count == 2)
    }
}
