import Testing

@testable import RabbitMQ

@Suite struct FIFOTests {
    @Test func keepsOrderAcrossItsSeams() {
        var queue = FIFO<Int>()
        var expected = 0
        for number in 0..<10_000 {
            queue.append(number)
            if number % 3 != 0 {
                #expect(queue.popFirst() == expected)
                expected += 1
            }
        }
        #expect(queue.count == 10_000 - expected)
        #expect(queue.first == expected)
        #expect(queue.removeAll() == Array(expected..<10_000))
        #expect(queue.isEmpty)
        #expect(queue.popFirst() == nil)
    }
}
