import Testing

@testable import RepriseBroker

@Suite("Queues that take no answers")
struct UnansweredQueuesTests {
    private var queues = UnansweredQueues()
    private let start = ContinuousClock.now

    private mutating func refused(_ second: Int, _ queue: String = "a", patience: Duration? = .seconds(30))
        -> UnansweredQueues.Verdict
    {
        queues.refused(queue, at: start + .seconds(second), patience: patience)
    }

    @Test("One is tried until patience is over, and named once when it begins and once when it ends")
    mutating func patience() {
        #expect(refused(0) == .tryAgain(isNews: true))
        #expect(refused(29) == .tryAgain(isNews: false))
        #expect(refused(30) == .giveUp(isNews: true))
        #expect(refused(31) == .giveUp(isNews: false), "the next task's first try is its last")
        #expect(refused(31, "b") == .tryAgain(isNews: true))
    }

    @Test("One that has taken an answer has all patience again")
    mutating func taken() {
        #expect(refused(0) == .tryAgain(isNews: true))
        #expect(refused(40) == .giveUp(isNews: true))
        let (isOver, isOverAgain) = (queues.took("a"), queues.took("a"))
        #expect(isOver && !isOverAgain)
        #expect(refused(41) == .tryAgain(isNews: true))
    }

    @Test("What one was guilty of long ago is forgotten")
    mutating func forgotten() {
        #expect(refused(0) == .tryAgain(isNews: true))
        #expect(refused(40) == .giveUp(isNews: true))
        #expect(refused(641) == .tryAgain(isNews: true))
    }

    @Test("Some are tried for as long as it takes")
    mutating func endless() {
        #expect(refused(0, patience: nil) == .tryAgain(isNews: true))
        for second in stride(from: 30, to: 86_400, by: 30) {
            #expect(refused(second, patience: nil) == .tryAgain(isNews: false))
        }
    }

    @Test("Any number of names takes no more room than a thousand")
    mutating func queuesWithoutAnswersAreBounded() {
        for number in 0..<3_000 { _ = refused(number / 100, "q\(number)") }
        #expect(refused(30, "q2999") == .tryAgain(isNews: false))
        #expect(refused(30, "q0") == .tryAgain(isNews: true), "it was silent for longest")
    }
}
