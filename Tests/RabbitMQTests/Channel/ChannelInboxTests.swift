import Testing

@testable import RabbitMQ

@Suite struct ChannelInboxTests {
    func items(_ ids: ClosedRange<UInt64>) -> [QueuedPublication] {
        ids.map { QueuedPublication(.text($0, "0123456789", to: "q"), configuration: .init()) }
    }

    @Test func ringsOncePerVisit() {
        var inbox = ChannelInbox(limit: .init(messages: 100, bytes: 100_000))
        #expect(inbox.offer([]).needsWake == false)
        #expect(inbox.offer(items(1...2)).needsWake)
        #expect(inbox.offer(Acknowledgement(tag: 1, multiple: false, kind: .ack)).needsWake == false)
        let contents = inbox.take()
        #expect(contents.publications.count == 2)
        #expect(contents.acknowledgements.count == 1)
        #expect(inbox.offer(items(3...3)).needsWake)
    }

    @Test func countsUntilSent() {
        var inbox = ChannelInbox(limit: .init(messages: 3, bytes: 100_000))
        _ = inbox.offer(items(1...5))
        let first = inbox.take().publications
        #expect(first.map { $0.refusal?.code } == [nil, nil, nil, .overloaded, .overloaded])
        _ = inbox.offer(items(6...6))
        #expect(inbox.take().publications.first?.refusal?.code == .overloaded)
        inbox.sent(messages: 3, bytes: first.prefix(3).map(\.size).reduce(0, +))
        _ = inbox.offer(items(7...7))
        #expect(inbox.take().publications.first?.refusal == nil)
    }

    @Test func namesTheReasonWhenTheBrokerBlocks() {
        var inbox = ChannelInbox(limit: .init(messages: 1, bytes: 100_000))
        inbox.setBlocked("low on memory")
        _ = inbox.offer(items(1...2))
        #expect(inbox.take().publications.last?.refusal?.code == .blocked)
    }

    @Test func oneMessageAlwaysFits() {
        var inbox = ChannelInbox(limit: .init(messages: 10, bytes: 1))
        _ = inbox.offer(items(1...2))
        #expect(inbox.take().publications.map { $0.refusal?.code } == [nil, .overloaded])
    }

    @Test func takesNothingOnceClosed() {
        var inbox = ChannelInbox(limit: .init(messages: 10, bytes: 100_000))
        _ = inbox.offer(items(1...1))
        #expect(inbox.close(RabbitMQError(.closed, ""))?.publications.count == 1)
        #expect(inbox.close(RabbitMQError(.closed, "")) == nil)
        #expect(inbox.offer(items(2...2)) == .init(isOpen: false, needsWake: false))
        #expect(inbox.take().publications.isEmpty)
    }
}
