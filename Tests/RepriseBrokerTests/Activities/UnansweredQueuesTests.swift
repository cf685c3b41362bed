import Testing

@testable import RepriseBroker

@Suite("Queues that take no answers")
struct UnansweredQueuesTests {
    private var queues = UnansweredQueues()
    private let start = ContinuousClock.now

    /// One task's.
    private var tries = UnansweredQueues.Tries()

    private mutating func refused(
        _ second: Int,
        _ queue: String = "a",
        _ cause: UnansweredQueues.Cause = .missing,
        limit: Duration? = .seconds(30)
    ) -> UnansweredQueues.Verdict {
        queues.refused(queue, cause, &tries, at: start + .seconds(second), limit: limit)
    }

    @Test("One is tried until its time is over, and named once when it begins and once when it ends")
    mutating func timeout() {
        #expect(refused(0) == .tryAgain(isNew: true))
        #expect(refused(29) == .tryAgain(isNew: false))
        #expect(refused(30) == .giveUp(isNew: true))
        tries = UnansweredQueues.Tries()
        #expect(refused(31) == .giveUp(isNew: false), "the next task's first try is its last")
        tries = UnansweredQueues.Tries()
        #expect(refused(31, "b") == .tryAgain(isNew: true))
    }

    @Test("One that has taken an answer has all its time again")
    mutating func taken() {
        #expect(refused(0) == .tryAgain(isNew: true))
        #expect(refused(40) == .giveUp(isNew: true))
        let (isOver, isOverAgain) = (queues.took("a"), queues.took("a"))
        #expect(isOver && !isOverAgain)
        tries = UnansweredQueues.Tries()
        #expect(refused(41) == .tryAgain(isNew: true))
    }

    @Test("What one was guilty of long ago is forgotten")
    mutating func forgotten() {
        #expect(refused(0) == .tryAgain(isNew: true))
        #expect(refused(40) == .giveUp(isNew: true))
        tries = UnansweredQueues.Tries()
        #expect(refused(641) == .tryAgain(isNew: true))
    }

    @Test("Some are tried for as long as it takes")
    mutating func endless() {
        #expect(refused(0, limit: nil) == .tryAgain(isNew: true))
        for second in stride(from: 30, to: 86_400, by: 30) {
            #expect(refused(second, limit: nil) == .tryAgain(isNew: false))
        }
    }

    /// Finished work of all workers was thrown away in the seconds until the nodes made the inbox again.
    @Test("An inbox that was full for an hour has all its time when it is missed for a moment")
    mutating func fullThenGone() {
        for second in stride(from: 0, through: 3_600, by: 30) { _ = refused(second, "a", .refusing, limit: nil) }
        #expect(refused(3_601, limit: .seconds(600)) == .tryAgain(isNew: false))
        #expect(refused(4_200, limit: .seconds(600)) == .tryAgain(isNew: false))
        #expect(refused(4_201, limit: .seconds(600)) == .giveUp(isNew: true))
    }

    @Test("One that is given up because there is none has all its time when there is one, and it is full")
    mutating func goneThenFull() {
        _ = refused(0)
        #expect(refused(30) == .giveUp(isNew: true))
        #expect(refused(31, "a", .refusing, limit: .seconds(600)) == .tryAgain(isNew: false))
        #expect(refused(32) == .tryAgain(isNew: false), "it was there meanwhile")
        #expect(refused(62) == .giveUp(isNew: true))
    }

    @Test("Time without a way to the queue does not count as trying")
    mutating func gap() {
        _ = refused(0)
        tries.interrupted()
        #expect(refused(60) == .tryAgain(isNew: false))
        #expect(refused(89) == .tryAgain(isNew: false))
    }

    @Test("What another task suffered long before is not charged to the next")
    mutating func others() {
        _ = refused(0)
        tries = UnansweredQueues.Tries()
        #expect(refused(60) == .tryAgain(isNew: false))
    }

    @Test("The hub's queues are tried for as long as it takes while they are there, strangers' for ten minutes")
    func limits() {
        let timeouts = ActivityTimeouts()
        #expect(timeouts.triesAnswer(toOurs: true, .refusing) == nil)
        #expect(timeouts.triesAnswer(toOurs: true, .missing) == .seconds(600))
        #expect(timeouts.triesAnswer(toOurs: false, .refusing) == .seconds(600))
        #expect(timeouts.triesAnswer(toOurs: false, .missing) == .seconds(30))
    }

    @Test("Any number of names takes no more room than a thousand")
    mutating func queuesWithoutAnswersAreBounded() {
        for number in 0..<3_000 { _ = refused(number / 100, "q\(number)", limit: nil) }
        #expect(refused(30, "q2999", limit: nil) == .tryAgain(isNew: false))
        #expect(refused(30, "q0", limit: nil) == .tryAgain(isNew: true), "it was silent for longest")
    }
}
