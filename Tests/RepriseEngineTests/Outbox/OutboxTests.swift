import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport
import Testing

@Suite struct OutboxTests {
    @Test func theWatermarkFollowsWhatIsSettledInAnyOrder() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<200 {
            var outbox = Outbox()
            outbox.add(1...4, position: 1)
            outbox.add(5...5, position: 2)
            outbox.add([6], position: 0)
            outbox.add(7...12, position: 4)
            var left = Set(1...12 as ClosedRange<OutboundNumber>)
            for number in (1...12 as ClosedRange<OutboundNumber>).shuffled(using: &random) {
                outbox.settle(number)
                outbox.settle(number)
                left.remove(number)
                let first = left.min() ?? 13
                #expect(outbox.confirmedThrough == first.previous)
                #expect(outbox.unconfirmedCount == left.count)
                let beyond = outbox.confirmedBeyond.flatMap { Array($0) }
                #expect(
                    beyond
                        == Set(1...12 as ClosedRange<OutboundNumber>).subtracting(left).filter { $0 > first }.sorted()
                )
                for (a, b) in zip(outbox.confirmedBeyond, outbox.confirmedBeyond.dropFirst()) {
                    #expect(a.upperBound.next < b.lowerBound)
                }
                for number in 1...12 as ClosedRange<OutboundNumber> {
                    #expect(outbox.isSettled(number) != left.contains(number))
                }
                let position: HistoryPosition =
                    switch first {
                    case 1...4: 1
                    case 5: 2
                    case 6...12: 4
                    default: 99
                    }
                #expect(outbox.unconfirmedFrom(next: 99) == position)
            }
        }
    }

    @Test func statusMessagesAreCountedApart() {
        var outbox = Outbox()
        outbox.add(1...6, position: 1, statuses: [1, 3, 4])
        outbox.add([7], position: 0, statuses: [7])
        outbox.add([8], position: 0)
        #expect(outbox.unconfirmedCount == 8)
        #expect(outbox.unconfirmedWorkCount == 4)
        for number: OutboundNumber in [3, 3, 2, 7] { outbox.settle(number) }
        #expect(outbox.unconfirmedCount == 5)
        #expect(outbox.unconfirmedWorkCount == 3)
    }

    @Test func whatWasSettledBeforeARestartStaysSettled() {
        let outbox = Outbox(confirmedThrough: 3, confirmedBeyond: [5...6])
        #expect((1...7).map { outbox.isSettled($0) } == [true, true, true, false, true, true, false])
        #expect(outbox.position(of: 4) == nil)
    }
}
