import RabbitMQ
import Testing

@testable import RepriseBroker

@Suite("What the forwarder may ack")
struct ForwardLedgerTests {
    private func publication(_ tag: UInt64) -> RabbitMQPublication {
        RabbitMQPublication(id: tag, routingKey: "q", message: RabbitMQMessage())
    }

    private func ledger(_ count: UInt64, to destination: ForwardLedger.Destination = .inbox(0)) -> ForwardLedger {
        var ledger = ForwardLedger()
        for tag in 1...count { #expect(ledger.take(publication(tag), to: destination) != nil) }
        return ledger
    }

    @Test("Only what is confirmed together with all before it")
    func contiguous() {
        var ledger = ledger(5)
        ledger.settle(2, isConfirmed: true)
        ledger.settle(3, isConfirmed: true)
        #expect(ledger.acknowledgeable() == nil)
        ledger.settle(1, isConfirmed: true)
        #expect(ledger.acknowledgeable() == 3)
        #expect(ledger.acknowledgeable() == nil)
        ledger.settle(5, isConfirmed: true)
        #expect(ledger.acknowledgeable() == nil)
        ledger.settle(4, isConfirmed: true)
        #expect(ledger.acknowledgeable() == 5)
    }

    @Test("What failed holds the ack until its retry is confirmed, and keeps its place before later ones")
    func retry() {
        var ledger = ledger(3)
        ledger.settle(1, isConfirmed: true)
        ledger.settle(2, isConfirmed: false)
        ledger.settle(3, isConfirmed: false)
        #expect(ledger.acknowledgeable() == 1)
        // The same destination waits; another goes on.
        #expect(ledger.take(publication(4), to: .inbox(0)) == nil)
        #expect(ledger.take(publication(5), to: .inbox(1))?.id == 5)
        ledger.settle(5, isConfirmed: true)
        #expect(ledger.acknowledgeable() == nil)
        #expect(ledger.retry().map(\.id) == [2, 3, 4])
        #expect(ledger.stalled.isEmpty)
        for tag in [4, 2, 3] as [UInt64] { ledger.settle(tag, isConfirmed: true) }
        #expect(ledger.acknowledgeable() == 5)
    }

    @Test("What can never be sent gives its place to a dead letter, once")
    func replacement() {
        var ledger = ledger(3)
        func letter(_ unsendable: RabbitMQPublication) -> RabbitMQPublication {
            RabbitMQPublication(id: unsendable.id, routingKey: "dead", message: RabbitMQMessage())
        }
        #expect(ledger.replace(2, by: letter)?.routingKey == "dead")
        #expect(ledger.stalled.isEmpty)
        for tag in [1, 3] as [UInt64] { ledger.settle(tag, isConfirmed: true) }
        #expect(ledger.acknowledgeable() == 1)
        // Should even the letter be refused, it waits like anything else.
        #expect(ledger.replace(2, by: letter) == nil)
        #expect(ledger.stalled == [.dead])
        #expect(ledger.retry().map(\.routingKey) == ["dead"])
        ledger.settle(2, isConfirmed: true)
        #expect(ledger.acknowledgeable() == 3)
    }

    @Test("It forgets what is acked, and counts on")
    func long() {
        var ledger = ForwardLedger()
        for tag in 1...100_000 as ClosedRange<UInt64> {
            _ = ledger.take(publication(tag), to: .dead)
            ledger.settle(tag, isConfirmed: true)
            #expect(ledger.acknowledgeable() == tag)
        }
    }

    @Test("Settlements of nothing it knows change nothing")
    func unknown() {
        var ledger = ledger(1)
        ledger.settle(0, isConfirmed: true)
        ledger.settle(2, isConfirmed: true)
        ledger.settle(.max, isConfirmed: false)
        #expect(ledger.acknowledgeable() == nil)
        #expect(ledger.stalled.isEmpty)
    }
}
