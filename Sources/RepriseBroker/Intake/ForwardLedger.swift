import RabbitMQ

/// What the forwarder has taken from the intake and not yet acked, in the order of delivery.
///
/// ```
///  taken ──► sent ──► confirmed ──► acked, with all before it
///    ▲        │ returned, refused (one that cannot be sent at all: a dead letter in its place)
///    └ waits ◄┘   and so does everything later for the same destination: one sender's order is kept
/// ```
/// A gap in the confirms delays the ack of everything after it, since an ack through a tag would include the gap.
struct ForwardLedger {
    /// Where a message goes: what fails there fails for the next as well.
    enum Destination: Hashable {
        case inbox(Int)
        case dead
    }

    private enum State { case sent, waiting, confirmed }

    private struct Entry {
        /// Gone once it is confirmed: bodies are what takes memory.
        var publication: RabbitMQPublication?
        var destination: Destination
        var state: State
        /// Whether a dead letter stands for it that is as small as can be.
        var isReplaced = false
    }

    /// Delivery tags of a channel are consecutive, so a position is a tag less the first.
    private var entries: [Entry] = []
    private var acked = 0
    private var firstTag: UInt64 = 1
    private(set) var stalled: Set<Destination> = []

    /// Takes a message in, under the next delivery tag. Returns what to publish now: nothing while its destination is stalled.
    mutating func take(_ publication: RabbitMQPublication, to destination: Destination) -> RabbitMQPublication? {
        let isStalled = stalled.contains(destination)
        entries.append(Entry(publication: publication, destination: destination, state: isStalled ? .waiting : .sent))
        return isStalled ? nil : publication
    }

    /// Notes the outcome of a publication.
    mutating func settle(_ tag: UInt64, isConfirmed: Bool) {
        guard let position = position(of: tag) else { return }
        if isConfirmed {
            entries[position].state = .confirmed
            entries[position].publication = nil
        } else {
            entries[position].state = .waiting
            stalled.insert(entries[position].destination)
        }
    }

    /// Notes that a publication can never be sent. Returns what goes to the dead letters in its place.
    mutating func replace(_ tag: UInt64, by letter: (RabbitMQPublication) -> RabbitMQPublication)
        -> RabbitMQPublication?
    {
        guard let position = position(of: tag), entries[position].state == .sent,
            let unsendable = entries[position].publication
        else { return nil }
        guard !entries[position].isReplaced else {
            settle(tag, isConfirmed: false)
            return nil
        }
        let publication = letter(unsendable)
        entries[position].isReplaced = true
        entries[position].publication = publication
        entries[position].destination = .dead
        guard !stalled.contains(.dead) else {
            entries[position].state = .waiting
            return nil
        }
        return publication
    }

    /// Everything up to this tag has been confirmed since the last call; ack it.
    mutating func acknowledgeable() -> UInt64? {
        var end = acked
        while end < entries.count, entries[end].state == .confirmed { end += 1 }
        guard end > acked else { return nil }
        acked = end
        let tag = firstTag + UInt64(acked) - 1
        if acked > 256, acked * 2 > entries.count {
            entries.removeFirst(acked)
            firstTag += UInt64(acked)
            acked = 0
        }
        return tag
    }

    /// What waits, in order, to be published again; nothing is stalled any more.
    mutating func retry() -> [RabbitMQPublication] {
        stalled = []
        var again: [RabbitMQPublication] = []
        for position in entries.indices where entries[position].state == .waiting {
            entries[position].state = .sent
            if let publication = entries[position].publication { again.append(publication) }
        }
        return again
    }

    private func position(of tag: UInt64) -> Int? {
        guard tag >= firstTag, tag - firstTag < UInt64(entries.count) else { return nil }
        return Int(tag - firstTag)
    }
}
