import Testing

@testable import RepriseBroker

@Suite("Values and elements that cross from a connection's thread")
struct PromiseTests {
    @Test("The first value stays, and reaches everyone")
    func first() async {
        let once = Promise<Int>()
        async let early = once.value()
        once.set(1)
        once.set(2)
        #expect(await early == 1)
        #expect(await once.value() == 1)
        #expect(once.now == 1)
    }

    @Test("A canceled task stops waiting")
    func cancellation() async {
        let once = Promise<Int>()
        let waiting = Task { await once.value() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        once.set(1)
        #expect(await once.value() == 1)
    }

    @Test("A batch queue hands out all that is there, in order, then ends")
    func queue() async {
        let queue = BatchQueue<Int>()
        queue.post([1, 2])
        queue.post([3])
        #expect(await queue.next() == [1, 2, 3])
        async let later = queue.next()
        queue.post([4])
        #expect(await later == [4])
        queue.post([5])
        queue.finish()
        queue.post([6])
        #expect(await queue.next() == [5])
        #expect(await queue.next() == nil)
    }

    @Test("A batch queue's reader can be canceled")
    func queueCancellation() async {
        let queue = BatchQueue<Int>()
        let reading = Task { await queue.next() }
        reading.cancel()
        #expect(await reading.value == nil)
    }
}
