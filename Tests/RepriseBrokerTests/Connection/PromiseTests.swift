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

    @Test("A mailbox hands out all that is there, in order, then ends")
    func mailbox() async {
        let mailbox = BatchQueue<Int>()
        mailbox.post([1, 2])
        mailbox.post([3])
        #expect(await mailbox.next() == [1, 2, 3])
        async let later = mailbox.next()
        mailbox.post([4])
        #expect(await later == [4])
        mailbox.post([5])
        mailbox.finish()
        mailbox.post([6])
        #expect(await mailbox.next() == [5])
        #expect(await mailbox.next() == nil)
    }

    @Test("A mailbox's reader can be canceled")
    func mailboxCancellation() async {
        let mailbox = BatchQueue<Int>()
        let reading = Task { await mailbox.next() }
        reading.cancel()
        #expect(await reading.value == nil)
    }
}
