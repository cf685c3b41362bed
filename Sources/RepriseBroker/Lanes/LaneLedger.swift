import RabbitMQ

/// What a lane has published and not yet settled, in order. A pure value.
///
/// ```
///  offered ──► sent ──► settled            confirmed, returned, refused, or late
///     │          └───► sent again          its channel has ended: in the same order, on the next
///     └──► held back                       its destination is silent, and enough is tried there
/// ```
/// What is only mentioned is neither resent nor reported. It is here because it takes a place in the channel's window
/// like everything else, so a destination that confirms none of it must be known.
struct LaneLedger {
    /// What follows from something that happened to it.
    struct Outcome {
        var send: [RabbitMQPublication] = []
        var settled: [RabbitMQSettlement] = []
        /// Sent over this channel, something has no confirm: the broker may take nothing more from it.
        var isStale = false
        var late: [RabbitMQPublication] = []
        /// The broker has said what became of them, though their destinations count as silent.
        var confirmed: [RabbitMQPublication] = []
    }

    private struct Load {
        var count = 0
        var bytes = 0

        mutating func add(_ size: Int) {
            count += 1
            bytes += size
        }

        mutating func remove(_ size: Int) {
            count -= 1
            bytes -= size
        }
    }

    private struct Entry {
        var publication: RabbitMQPublication
        var isProbe: Bool

        var isMention: Bool { LaneLedger.isMention(publication) }
    }

    /// Beyond these, what is offered is refused: it waits in its owner's retry table instead of here.
    static let most = 65_536
    static let maximumBytes = 64 << 20
    /// Of what is only mentioned, beyond which it is dropped. It takes no room of what is offered.
    static let maximumMentions = 1_024
    static let maximumMentionedBytes = 4 << 20
    /// How many are tried at once when confirms do not come.
    static let maximumProbes = 16
    static let probeTimeout = Duration.seconds(5)

    /// The entry of position `n` is at `n - base`; nil once it is settled.
    private var entries: [Entry?] = []
    private var base = 0
    private var head = 0
    private var positions: [UInt64: Int] = [:]
    private var probes = 0
    private var offered = Load()
    private var mentioned = Load()
    private var nextMention: UInt64 = 0

    /// Without what is only mentioned.
    var count: Int { offered.count }

    /// Takes publications in. One that is under way already is not sent twice.
    mutating func offer(_ publications: [RabbitMQPublication], _ silent: SilenceTable) -> Outcome {
        var outcome = Outcome()
        for publication in publications where positions[publication.id] == nil {
            add(publication, silent, to: &outcome)
        }
        return outcome
    }

    /// Takes in what no one waits for, and returns what to send of it: the excess is dropped.
    mutating func mention(_ publications: [RabbitMQPublication], _ silent: SilenceTable) -> [RabbitMQPublication] {
        var outcome = Outcome()
        for var publication in publications {
            publication.id = PublicationPurpose.counted(nextMention).id
            nextMention += 1
            add(publication, silent, to: &outcome)
        }
        return outcome.send
    }

    /// The channel is another one: everything goes again, and what would be too much for a silent destination is given back.
    mutating func reopen(_ silent: SilenceTable) -> Outcome {
        var outcome = Outcome()
        let left = entries[head...].compactMap { entry in entry.flatMap { $0.isMention ? nil : $0.publication } }
        let next = nextMention
        self = LaneLedger()
        // Never reused: outcomes from an earlier channel are ignored.
        nextMention = next
        for publication in left { add(publication, silent, to: &outcome) }
        return outcome
    }

    /// Notes the outcomes of publications. What belongs to no lane, and what the end of the channel left undecided, is
    /// ignored.
    mutating func settle(_ settlements: [RabbitMQSettlement], _ silent: SilenceTable) -> Outcome {
        var outcome = Outcome()
        for settlement in settlements {
            guard let position = positions[settlement.id], let entry = entries[position - base] else {
                continue
            }
            if case .undecided(let error) = settlement.outcome, !Self.isFinal(error) { continue }
            remove(entry, at: position)
            if !entry.isMention { outcome.settled.append(settlement) }
            switch settlement.outcome {
            case .confirmed, .returned, .rejected:
                if silent.holds(entry.publication) { outcome.confirmed.append(entry.publication) }
            case .undecided(let error) where error.code == .unconfirmed:
                outcome.isStale = true
                outcome.late.append(entry.publication)
            // It was not sent: that says nothing of where it was to go.
            case .undecided: break
            }
        }
        return outcome
    }

    private mutating func add(_ publication: RabbitMQPublication, _ silent: SilenceTable, to outcome: inout Outcome) {
        let isProbe = silent.holds(publication)
        let size = publication.message.body.count
        if isProbe, probes >= Self.maximumProbes {
            outcome.settled.append(
                RabbitMQSettlement(id: publication.id, outcome: .undecided(Self.heldBack(publication)))
            )
        } else if Self.isMention(publication) ? !canMention(size) : !canOffer(size) {
            outcome.settled.append(RabbitMQSettlement(id: publication.id, outcome: .undecided(Self.full)))
        } else {
            var publication = publication
            publication.confirmTimeout = isProbe ? Self.probeTimeout : nil
            positions[publication.id] = base + entries.count
            entries.append(Entry(publication: publication, isProbe: isProbe))
            if Self.isMention(publication) { mentioned.add(size) } else { offered.add(size) }
            if isProbe { probes += 1 }
            outcome.send.append(publication)
        }
    }

    private func canOffer(_ size: Int) -> Bool {
        offered.count < Self.most && (offered.bytes + size <= Self.maximumBytes || offered.count == 0)
    }

    private func canMention(_ size: Int) -> Bool {
        mentioned.count < Self.maximumMentions && mentioned.bytes + size <= Self.maximumMentionedBytes
    }

    private static func isMention(_ publication: RabbitMQPublication) -> Bool {
        PublicationPurpose(id: publication.id).isCounted
    }

    private mutating func remove(_ entry: Entry, at position: Int) {
        positions[entry.publication.id] = nil
        entries[position - base] = nil
        let size = entry.publication.message.body.count
        if entry.isMention { mentioned.remove(size) } else { offered.remove(size) }
        if entry.isProbe { probes -= 1 }
        while head < entries.count, entries[head] == nil { head += 1 }
        guard head == entries.count || (head >= 1_024 && head * 2 >= entries.count) else { return }
        entries.removeFirst(head)
        base += head
        head = 0
    }

    /// Whether it is the publication's own fate, and not that of its channel.
    private static func isFinal(_ error: RabbitMQError) -> Bool {
        [.unconfirmed, .unsent, .overloaded, .blocked, .tooLarge, .invalidArgument].contains(error.code)
    }

    private static func heldBack(_ publication: RabbitMQPublication) -> RabbitMQError {
        RabbitMQError(
            .unconfirmed,
            "\(SilenceTable.Destination(publication)) has not confirmed what was sent to it before."
        )
    }

    private static let full = RabbitMQError(
        .overloaded,
        "\(most) messages, or \(maximumBytes >> 20) MiB, have no confirm yet."
    )
}
