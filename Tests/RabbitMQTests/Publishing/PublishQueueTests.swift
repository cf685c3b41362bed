import Testing

@testable import RabbitMQ

@Suite struct PublishQueueTests {
    func item(_ id: UInt64, bytes: Int = 10) -> QueuedPublication {
        var item = QueuedPublication(.text(id, "", to: "q", messageID: "\(id)"), configuration: .init())
        item.size = bytes
        return item
    }

    func departures(_ queue: inout PublishQueue) -> [UInt64] {
        var ids: [UInt64] = []
        while let departure = queue.next() { ids.append(departure.item.publication.id) }
        return ids
    }

    @Test func opensTheWindowAsConfirmsArrive() throws {
        var queue = PublishQueue(limit: .init(messages: 2, bytes: 100), confirms: true)
        var settled: [ConfirmWindow.Settled] = []
        queue.add((1...5).map { item($0) }, into: &settled)
        #expect(departures(&queue) == [1, 2])
        try queue.settle(1, multiple: false, as: .confirmed, into: &settled)
        #expect(departures(&queue) == [3])
        try queue.settle(3, multiple: true, as: .confirmed, into: &settled)
        #expect(departures(&queue) == [4, 5])
        #expect(queue.isIdle)
        #expect(settled.map(\.id) == [1, 2, 3])
    }

    @Test func countsBytesButLetsOneLargeMessagePass() throws {
        var queue = PublishQueue(limit: .init(messages: 10, bytes: 100), confirms: true)
        var settled: [ConfirmWindow.Settled] = []
        queue.add([item(1, bytes: 60), item(2, bytes: 60), item(3, bytes: 500)], into: &settled)
        #expect(departures(&queue) == [1])
        try queue.settle(1, multiple: false, as: .confirmed, into: &settled)
        #expect(departures(&queue) == [2])
        try queue.settle(2, multiple: false, as: .confirmed, into: &settled)
        #expect(departures(&queue) == [3])
    }

    /// One queue that confirmed nothing filled the window, and all others waited behind it forever.
    @Test func whatIsLateGivesItsPlaceToTheNext() throws {
        var queue = PublishQueue(limit: .init(messages: 2, bytes: 100), confirms: true)
        var settled: [ConfirmWindow.Settled] = []
        let deadlines: [UInt64] = [100, 200, 100, 300, 150]
        queue.add(
            zip(UInt64(1)...5, deadlines).map { id, deadline in
                var item = item(id)
                item.deadline = deadline
                return item
            },
            into: &settled
        )
        #expect(departures(&queue) == [1, 2])
        #expect(queue.nextDeadline == 100)
        var unsent = queue.expire(now: 99, into: &settled)
        #expect(settled.isEmpty && unsent.messages == 0)
        // 1 was sent, 3 never was; 5, behind it, is not late yet.
        unsent = queue.expire(now: 100, into: &settled)
        #expect(unsent.messages == 1 && unsent.bytes == 10)
        #expect(settled.map(\.id) == [1, 3])
        // Of the second no one can say that its queue does not confirm.
        #expect(settled.map(\.outcome.isUnconfirmed) == [true, false])
        #expect(queue.nextDeadline == 150)
        #expect(departures(&queue) == [4])
        // What the broker says of it after all changes nothing.
        settled = []
        try queue.settle(1, multiple: false, as: .confirmed, into: &settled)
        #expect(settled.isEmpty)
        try queue.returned(.returned(code: 312, text: "NO_ROUTE"), properties: RabbitMQProperties(messageID: "1"))
        try queue.settle(3, multiple: true, as: .confirmed, into: &settled)
        #expect(settled.map(\.id) == [2, 4])
        #expect(departures(&queue) == [5])
    }

    @Test func withoutConfirmsThereIsNoWindow() {
        var queue = PublishQueue(limit: .init(messages: 1, bytes: 1), confirms: false)
        var settled: [ConfirmWindow.Settled] = []
        queue.add((1...3).map { item($0) }, into: &settled)
        #expect(departures(&queue) == [1, 2, 3])
        #expect(settled.isEmpty)
    }

    @Test func pausesWhenTheBrokerAsks() {
        var queue = PublishQueue(limit: .init(messages: 10, bytes: 100), confirms: true)
        var settled: [ConfirmWindow.Settled] = []
        queue.add([item(1)], into: &settled)
        queue.isPaused = true
        #expect(departures(&queue) == [])
        queue.isPaused = false
        #expect(departures(&queue) == [1])
    }

    @Test func settlesAtOnceWhatCannotBeSent() {
        var queue = PublishQueue(limit: .init(messages: 10, bytes: 100), confirms: true)
        var settled: [ConfirmWindow.Settled] = []
        var bad = item(2)
        bad.refuse(RabbitMQError(.tooLarge, "too large"))
        queue.add([item(1), bad, item(3)], into: &settled)
        #expect(settled.map(\.id) == [2])
        #expect(departures(&queue) == [1, 3])
    }

    @Test func givesUpWhatWasSentBeforeWhatWaits() {
        var queue = PublishQueue(limit: .init(messages: 1, bytes: 100), confirms: true)
        var settled: [ConfirmWindow.Settled] = []
        queue.add((1...3).map { item($0) }, into: &settled)
        #expect(departures(&queue) == [1])
        queue.abandon(RabbitMQError(.closed, ""), into: &settled)
        #expect(settled.map(\.id) == [1, 2, 3])
        #expect(queue.isIdle)
    }
}

extension PublishQueueTests {
    @Test func urgentOnesOvertakeWhatWaitsForTheWindow() throws {
        var queue = PublishQueue(limit: .init(messages: 2, bytes: 100), confirms: true)
        var settled: [ConfirmWindow.Settled] = []
        queue.add((1...4).map { item($0) }, into: &settled)
        #expect(departures(&queue) == [1, 2])
        var urgent = item(9, bytes: 1_000)
        urgent.publication.urgent = true
        queue.add([item(5), urgent], into: &settled)
        #expect(departures(&queue) == [9])
        // It is tag 3, and takes its place in the window like any other.
        try queue.settle(1, multiple: false, as: .confirmed, into: &settled)
        #expect(departures(&queue) == [])
        try queue.settle(3, multiple: true, as: .confirmed, into: &settled)
        #expect(departures(&queue) == [3, 4])
        #expect(settled.map(\.id) == [1, 2, 9])
        queue.add([urgent], into: &settled)
        queue.abandon(RabbitMQError(.closed, ""), into: &settled)
        #expect(settled.map(\.id) == [1, 2, 9, 3, 4, 9, 5])
    }
}
