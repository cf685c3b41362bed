import Testing

@testable import RabbitMQ

/// The transcript of a channel: what was sent, what the broker said, what became of it.
@Suite struct ConfirmWindowTests {
    var window = ConfirmWindow()
    var settled: [ConfirmWindow.Settled] = []

    @discardableResult
    mutating func send(_ id: UInt64, messageID: String? = nil, mandatory: Bool = true) -> ConfirmWindow.Ticket {
        window.add(
            QueuedPublication(
                .text(id, "body", to: "q", mandatory: mandatory, messageID: messageID),
                configuration: .init()
            )
        )
    }

    mutating func ack(_ tag: UInt64, multiple: Bool = false) throws {
        try window.settle(tag, multiple: multiple, as: .confirmed, into: &settled)
    }

    mutating func nack(_ tag: UInt64, multiple: Bool = false) throws {
        try window.settle(tag, multiple: multiple, as: .rejected, into: &settled)
    }

    mutating func comesBack(messageID: String? = nil, sequence: RabbitMQFieldValue? = nil) throws {
        var properties = RabbitMQProperties(messageID: messageID)
        properties.headers[RabbitMQPublication.sequenceHeader] = sequence
        try window.returned(.returned(code: 312, text: "NO_ROUTE"), properties: properties)
    }

    var outcomes: [UInt64: RabbitMQPublishOutcome] {
        Dictionary(settled.map { ($0.id, $0.outcome) }) { first, _ in first }
    }

    @Test mutating func numbersFromOneAndSettlesInAnyOrder() throws {
        for id: UInt64 in 10...14 { send(id, messageID: "\(id)") }
        try ack(3)
        try ack(2, multiple: true)
        try nack(5)
        try ack(4)
        #expect(settled.map(\.id) == [12, 10, 11, 14, 13])
        #expect(outcomes[14] == .rejected)
        #expect(window.messages == 0)
        #expect(window.bytes == 0)
        #expect(send(15).tag == 6)
    }

    @Test mutating func multipleSkipsWhatIsSettled() throws {
        for id: UInt64 in 1...4 { send(id, messageID: "\(id)") }
        try ack(2)
        try ack(3, multiple: true)
        #expect(settled.map(\.id) == [2, 1, 3])
        #expect(window.messages == 1)
    }

    @Test mutating func tagZeroMultipleIsEverything() throws {
        for id: UInt64 in 1...3 { send(id) }
        try ack(0, multiple: true)
        #expect(settled.map(\.id) == [1, 2, 3])
    }

    @Test mutating func settlingTwiceSaysNothingNew() throws {
        send(1)
        send(2)
        try ack(1)
        try ack(1)
        try nack(1, multiple: true)
        #expect(settled.map(\.id) == [1])
    }

    @Test mutating func aNumberThatWasNeverSentIsAViolation() throws {
        send(1)
        for tag: UInt64 in [2, .max] {
            #expect(throws: RabbitMQError.self) { try ack(tag) }
            #expect(throws: RabbitMQError.self) { try ack(tag, multiple: true) }
        }
        var empty = ConfirmWindow()
        var nothing: [ConfirmWindow.Settled] = []
        try empty.settle(0, multiple: true, as: .confirmed, into: &nothing)
        #expect(nothing.isEmpty)
    }

    @Test mutating func aReturnPrecedesItsAck() throws {
        send(1, messageID: "a")
        send(2, messageID: "b")
        try comesBack(messageID: "b")
        #expect(settled.isEmpty)
        try ack(2, multiple: true)
        #expect(outcomes == [1: .confirmed, 2: .returned(code: 312, text: "NO_ROUTE")])
    }

    // A return names nothing but the message. Two publications that are equal to the last byte, the first routed and the
    // second not (its queue was deleted in between), once made the first one "returned" and the second "confirmed".
    @Test mutating func equalPublicationsAreToldApart() throws {
        #expect(send(1, messageID: "same").sequence == nil)
        let twin = send(2, messageID: "same")
        let anonymous = send(3)
        #expect(twin.sequence == 2)
        #expect(anonymous.sequence == 3)
        try comesBack(messageID: "same", sequence: .int(2))
        try comesBack(sequence: .int(3))
        try ack(3, multiple: true)
        #expect(outcomes[1] == .confirmed)
        #expect(outcomes[2] == .returned(code: 312, text: "NO_ROUTE"))
        #expect(outcomes[3] == .returned(code: 312, text: "NO_ROUTE"))
    }

    @Test mutating func aMessageIDIsFreeAgainWhenItIsSettled() throws {
        send(1, messageID: "same")
        try ack(1)
        #expect(send(2, messageID: "same").sequence == nil)
        try comesBack(messageID: "same")
        try ack(2)
        #expect(outcomes[2] == .returned(code: 312, text: "NO_ROUTE"))
    }

    @Test mutating func whatIsNotMandatoryNeedsNoHeader() {
        #expect(send(1, mandatory: false).sequence == nil)
        #expect(send(2, mandatory: false).sequence == nil)
    }

    @Test mutating func aReturnOfNothingIsAViolation() throws {
        send(1, messageID: "a")
        #expect(throws: RabbitMQError.self) { try comesBack(messageID: "b") }
        #expect(throws: RabbitMQError.self) { try comesBack() }
        #expect(throws: RabbitMQError.self) { try comesBack(sequence: .int(1)) }
        #expect(throws: RabbitMQError.self) { try comesBack(sequence: .int(-1)) }
        #expect(throws: RabbitMQError.self) { try comesBack(sequence: "1") }
    }

    @Test mutating func aCloseLeavesTheRestUndecidedInOrder() throws {
        for id: UInt64 in 1...4 { send(id) }
        try ack(2)
        window.abandon(RabbitMQError(.connectionLost, "gone"), into: &settled)
        #expect(settled.map(\.id) == [2, 1, 3, 4])
        #expect(outcomes[4] == .undecided(RabbitMQError(.connectionLost, "")))
        #expect(window.messages == 0)
    }

    @Test mutating func staysSmallOverManyPublications() throws {
        for id: UInt64 in 1...20_000 {
            let tag = send(id).tag
            #expect(tag == id)
            if id > 300, id % 100 == 0 { try ack(tag - 300, multiple: true) }
        }
        try ack(20_000, multiple: true)
        #expect(settled.map(\.id) == Array(1...20_000))
    }
}
