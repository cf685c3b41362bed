import RabbitMQ
import Testing

@testable import RepriseBroker

@Suite("What a lane has under way")
struct LaneLedgerTests {
    private var ledger = LaneLedger()
    private var silent = SilenceTable()
    private let late = RabbitMQError(.unconfirmed, "late")

    private func publication(_ id: UInt64, to queue: String = "a") -> RabbitMQPublication {
        RabbitMQPublication(id: id, routingKey: queue, message: RabbitMQMessage(body: [UInt8(truncatingIfNeeded: id)]))
    }

    private mutating func offer(_ ids: ClosedRange<UInt64>, to queue: String = "a") -> LaneLedger.Outcome {
        ledger.offer(ids.map { publication($0, to: queue) }, silent)
    }

    private mutating func settle(_ id: UInt64, _ outcome: RabbitMQPublishOutcome) -> LaneLedger.Outcome {
        ledger.settle([RabbitMQSettlement(id: id, outcome: outcome)], silent)
    }

    @Test("What has no outcome goes again on the next channel, in its order")
    mutating func reopening() {
        #expect(offer(1...5).send.map(\.id) == [1, 2, 3, 4, 5])
        #expect(settle(2, .confirmed).settled.map(\.id) == [2])
        #expect(settle(1, .rejected).settled.map(\.id) == [1])
        // The channel has ended: that is not an outcome.
        #expect(settle(3, .undecided(RabbitMQError(.closed, "closed"))).settled.isEmpty)
        #expect(ledger.reopen(silent).send.map(\.id) == [3, 4, 5])
        #expect(settle(4, .confirmed).settled.map(\.id) == [4])
        #expect(ledger.count == 2)
        #expect(ledger.reopen(silent).send.map(\.id) == [3, 5])
    }

    @Test("What is under way already is not sent twice")
    mutating func twice() {
        _ = offer(1...3)
        #expect(offer(2...4).send.map(\.id) == [4])
        _ = settle(2, .confirmed)
        #expect(offer(2...2).send.map(\.id) == [2])
        #expect(settle(9, .confirmed).settled.isEmpty, "nobody's")
    }

    @Test("A late confirm is an outcome, and asks for another channel")
    mutating func lateness() {
        _ = offer(1...3)
        let outcome = settle(2, .undecided(late))
        #expect(outcome.isStale)
        #expect(outcome.settled == [RabbitMQSettlement(id: 2, outcome: .undecided(late))])
        #expect(outcome.late.map(\.id) == [2])
        #expect(ledger.count == 2)
    }

    @Test("What was late before it was sent is settled, and says nothing of its destination or the channel")
    mutating func unsent() {
        _ = offer(1...3)
        let unsent = RabbitMQError(.unsent, "late")
        let outcome = settle(2, .undecided(unsent))
        #expect(outcome.settled == [RabbitMQSettlement(id: 2, outcome: .undecided(unsent))])
        #expect(!outcome.isStale && outcome.late.isEmpty)
        #expect(ledger.count == 2)
    }

    /// Two queues that confirmed nothing took turns: what waited behind the one and was not sent ended the other's
    /// silence.
    @Test(
        "What was not sent to a silent destination does not end its silence; the broker's word does",
        arguments: [
            (RabbitMQPublishOutcome.undecided(RabbitMQError(.unsent, "late")), false),
            (.undecided(RabbitMQError(.overloaded, "full")), false),
            (.undecided(RabbitMQError(.blocked, "alarm")), false),
            (.confirmed, true), (.rejected, true), (.returned(code: 312, text: "no queue"), true),
        ]
    )
    mutating func silence(outcome: RabbitMQPublishOutcome, ends: Bool) {
        _ = offer(1...3)
        _ = silent.late(publication(1), at: .now)
        #expect(ledger.reopen(silent).send.map(\.id) == [1, 2, 3])
        #expect(settle(2, outcome).confirmed.map(\.id) == (ends ? [2] : []))
    }

    @Test("Of what goes where nothing is confirmed, a few are tried, for less time, and others are not held up")
    mutating func probes() {
        _ = offer(1...40)
        _ = silent.late(publication(1), at: .now)
        let again = ledger.reopen(silent)
        #expect(again.send.map(\.id) == Array(1...16))
        #expect(again.send.allSatisfy { $0.confirmTimeout == LaneLedger.probeTimeout })
        #expect(again.settled.map(\.id) == Array(17...40))
        #expect(offer(41...42).settled.count == 2)
        let others = offer(43...60, to: "b")
        #expect(others.send.count == 18 && others.settled.isEmpty)
        #expect(others.send.allSatisfy { $0.confirmTimeout == nil })
        #expect(settle(3, .confirmed).confirmed.map(\.id) == [3])
        #expect(offer(61...62).send.map(\.id) == [61])
    }

    @Test("What is only mentioned is neither reported nor sent again, but its silence is noted, and tried")
    mutating func mentions() {
        _ = offer(1...2)
        let sent = ledger.mention((1...20).map { publication($0, to: "c") }, silent)
        #expect(sent.count == 20 && Set(sent.map(\.id)).count == 20)
        #expect(ledger.count == 2, "nobody waits for it")
        var outcome = settle(sent[0].id, .confirmed)
        #expect(outcome.settled.isEmpty && !outcome.isStale)
        outcome = settle(sent[1].id, .undecided(late))
        #expect(outcome.settled.isEmpty && outcome.isStale && outcome.late.map(\.routingKey) == ["c"])
        _ = silent.late(outcome.late[0], at: .now)
        #expect(ledger.reopen(silent).send.map(\.id) == [1, 2])
        #expect(settle(sent[2].id, .confirmed).confirmed.isEmpty, "of the channel before")
        let probes = ledger.mention((1...20).map { publication($0, to: "c") }, silent)
        #expect(probes.count == LaneLedger.maximumProbes)
        #expect(Set(probes.map(\.id)).isDisjoint(with: sent.map(\.id)))
        #expect(settle(probes[0].id, .confirmed).confirmed.count == 1)
        #expect(ledger.count == 2)
    }

    /// 65,536 progress reports that a slow subscriber did not confirm had the tasks of their partition refused.
    @Test("What is only mentioned takes no room of what someone waits for, and has a small one of its own")
    mutating func whatIsMentionedInALaneIsBounded() {
        let most = UInt64(LaneLedger.most)
        let sent = ledger.mention((1...most).map { publication($0, to: "c") }, silent)
        #expect(100...2_000 ~= sent.count)
        #expect(offer(1...most).settled.isEmpty)
        #expect(ledger.mention([publication(1, to: "c")], silent).isEmpty)
        _ = settle(sent[0].id, .confirmed)
        #expect(ledger.mention([publication(1, to: "c")], silent).count == 1)
        #expect(offer(most + 1...most + 1).settled.count == 1, "what someone waits for has its own end")
    }

    @Test("Nor do its bytes")
    mutating func mentionedBytes() {
        let body = [UInt8](repeating: 0, count: 1 << 20)
        func large(_ ids: Range<Int>) -> [RabbitMQPublication] {
            ids.map { RabbitMQPublication(id: UInt64($0), routingKey: "c", message: RabbitMQMessage(body: body)) }
        }
        #expect(1...8 ~= ledger.mention(large(1..<100), silent).count)
        #expect(ledger.offer(large(1..<65), silent).settled.isEmpty)
        #expect(ledger.offer(large(65..<66), silent).settled.count == 1)
    }

    @Test("There is an end to what waits here")
    mutating func whatWaitsInALaneIsBounded() {
        let most = UInt64(LaneLedger.most)
        #expect(offer(1...most + 5).settled.map(\.id) == Array(most + 1...most + 5))
        for id in 1...most { _ = settle(id, .confirmed) }
        #expect(ledger.count == 0)
        #expect(offer(1...3).send.count == 3)
    }

    @Test("Settled in any order, each is settled once")
    mutating func order() {
        for round in UInt64(0)..<20 {
            let ids = round * 500 + 1...round * 500 + 500
            _ = offer(ids)
            for id in ids.shuffled().prefix(450) { #expect(settle(id, .confirmed).settled.count == 1) }
        }
        #expect(ledger.count == 1_000)
        let left = ledger.reopen(silent).send.map(\.id)
        #expect(left.count == 1_000 && left == left.sorted())
        for id in left { #expect(settle(id, .confirmed).settled.count == 1) }
        #expect(ledger.count == 0)
    }
}

@Suite("Destinations that do not confirm")
struct SilenceTableTests {
    private func publication(_ key: String, exchange: String = "e") -> RabbitMQPublication {
        RabbitMQPublication(id: 1, exchange: exchange, routingKey: key, message: RabbitMQMessage())
    }

    @Test("It is news when it begins, and when all of it is over")
    func once() throws {
        var table = SilenceTable()
        let start = ContinuousClock.now
        let isNew = ["a", "a", "b"].map { table.late(publication($0), at: start) }
        #expect(isNew == [true, false, false])
        #expect(table.holds(publication("a")) && table.holds(publication("b")))
        #expect(!table.holds(publication("c")), "a subscriber's queue need not be bound to all")
        #expect(!table.holds(publication("a", exchange: "other")))
        #expect(table.confirmed(publication("c"), at: start) == nil)
        #expect(table.confirmed(publication("a"), at: start) == nil)
        #expect(table.confirmed(publication("b"), at: start + .seconds(7)) == .seconds(7))
        #expect(table.isEmpty)
        let again = table.late(publication("a"), at: start)
        #expect(again)
    }

    @Test("Each queue is a destination by itself")
    func queues() {
        var table = SilenceTable()
        let isNew = ["q1", "q2"].map { table.late(publication($0, exchange: ""), at: .now) }
        #expect(isNew == [true, true])
        #expect(table.confirmed(publication("q1", exchange: ""), at: .now) != nil)
        #expect(!table.holds(publication("q1", exchange: "")))
        #expect(table.holds(publication("q2", exchange: "")))
    }
}
