/// The publications of one channel that were sent and not yet settled. A pure value.
///
/// The broker numbers them 1, 2, 3 … and settles them in any order, one by one or several at once. A publication that
/// matched no queue is returned first (`basic.return`, without a number) and then acknowledged like any other:
///
/// ```
///   sent      1        2 (no queue)      3
///   received           return(2)  ack 2        ack 3, multiple
///   settled                       2 returned   1 and 3 confirmed
/// ```
struct ConfirmWindow {
    /// What is sent along with a publication.
    struct Ticket: Equatable {
        var tag: UInt64
        /// The value of `Publication.sequenceHeader`, when only that can distinguish a return of this publication from
        /// others.
        var sequence: UInt64?
    }

    struct Settled {
        var id: UInt64
        var waiter: SettlementWaiter?
        var outcome: RabbitMQPublishOutcome
    }

    private enum ReturnKey {
        case none
        case messageID(String)
        case sequence
    }

    private struct Entry {
        var id: UInt64
        var waiter: SettlementWaiter?
        var size: Int
        var deadline: UInt64
        var place: Place
        var returnKey: ReturnKey
    }

    /// The entry of tag `firstTag + n` is at `head + n`; `nil` once it is settled.
    private var entries: [Entry?] = []
    private var head = 0
    private var firstTag: UInt64 = 1
    private var byMessageID: [String: UInt64] = [:]
    private var returns: [UInt64: RabbitMQPublishOutcome] = [:]

    /// Some that were given up may still be returned.
    private var hasGivenUp = false
    private(set) var messages = 0
    private(set) var bytes = 0

    private var nextTag: UInt64 { firstTag + UInt64(entries.count - head) }

    /// Counts a publication as sent.
    mutating func add(_ item: QueuedPublication) -> Ticket {
        let tag = nextTag
        var key = ReturnKey.none
        if item.publication.mandatory {
            key = .sequence
            if let messageID = item.publication.message.properties.messageID, byMessageID[messageID] == nil {
                byMessageID[messageID] = tag
                key = .messageID(messageID)
            }
        }
        entries.append(
            Entry(
                id: item.publication.id,
                waiter: item.waiter,
                size: item.size,
                deadline: item.deadline,
                place: Place(item.publication),
                returnKey: key
            )
        )
        messages += 1
        bytes += item.size
        if case .sequence = key { return Ticket(tag: tag, sequence: tag) }
        return Ticket(tag: tag, sequence: nil)
    }

    /// Notes that a publication was returned; its number is settled later.
    mutating func returned(_ outcome: RabbitMQPublishOutcome, properties: RabbitMQProperties) throws(RabbitMQError) {
        if let sequence = properties.headers[RabbitMQPublication.sequenceHeader]?.intValue.flatMap(
            UInt64.init(exactly:)
        ),
            case .sequence = entry(sequence)?.returnKey
        {
            returns[sequence] = outcome
        } else if let messageID = properties.messageID, let tag = byMessageID[messageID] {
            returns[tag] = outcome
        } else if !hasGivenUp {
            throw RabbitMQError(.protocolViolation, "The broker returned a message that is not in flight.")
        }
    }

    /// Gives up what is late by now; what the broker says about it later is ignored.
    mutating func expire(now: UInt64, into settled: inout [Settled]) {
        var late: [(tag: UInt64, place: Place)] = []
        for (offset, entry) in entries[head...].enumerated() {
            guard let entry, entry.deadline <= now else { continue }
            late.append((firstTag + UInt64(offset), entry.place))
        }
        for (tag, place) in late { take(tag, .undecided(place.unconfirmed), into: &settled) }
        if !late.isEmpty { hasGivenUp = true }
    }

    /// When the first of them is late.
    var nextDeadline: UInt64 { entries[head...].lazy.compactMap { $0?.deadline }.min() ?? .max }

    /// Settles one number, or all up to it (0: all), and appends what that decides.
    mutating func settle(
        _ tag: UInt64,
        multiple: Bool,
        as outcome: RabbitMQPublishOutcome,
        into settled: inout [Settled]
    ) throws(RabbitMQError) {
        guard tag < nextTag else {
            throw RabbitMQError(.protocolViolation, "The broker settled the publication \(tag), which was never sent.")
        }
        if !multiple {
            take(tag, outcome, into: &settled)
        } else {
            let last = tag == 0 ? nextTag - 1 : tag
            while firstTag <= last, head < entries.count { take(firstTag, outcome, into: &settled) }
        }
    }

    /// Gives everything up, in the order of sending.
    mutating func abandon(_ error: RabbitMQError, into settled: inout [Settled]) {
        while head < entries.count { take(firstTag, .undecided(error), into: &settled) }
    }

    private func entry(_ tag: UInt64) -> Entry? {
        guard tag >= firstTag, tag < nextTag else { return nil }
        return entries[head + Int(tag - firstTag)]
    }

    private mutating func take(_ tag: UInt64, _ outcome: RabbitMQPublishOutcome, into settled: inout [Settled]) {
        defer { advance() }
        guard let entry = entry(tag) else { return }
        entries[head + Int(tag - firstTag)] = nil
        messages -= 1
        bytes -= entry.size
        if case .messageID(let messageID) = entry.returnKey { byMessageID[messageID] = nil }
        var outcome = outcome
        if let returned = returns.removeValue(forKey: tag), case .confirmed = outcome { outcome = returned }
        settled.append(Settled(id: entry.id, waiter: entry.waiter, outcome: outcome))
    }

    /// Moves past what is settled at the front.
    private mutating func advance() {
        while head < entries.count, entries[head] == nil {
            head += 1
            firstTag += 1
        }
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1_024, head * 2 >= entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }
}
