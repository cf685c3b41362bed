/// What other threads have handed to a channel and its connection's thread has not yet taken. A pure value.
///
/// It counts publications until they are *sent*, so that the bound of the queue holds wherever they wait.
struct ChannelInbox {
    struct Contents {
        var publications: [QueuedPublication] = []
        var acknowledgements: [Acknowledgement] = []
    }

    struct Taken: Equatable {
        /// Whether the channel is open; if not, nothing was accepted.
        var isOpen: Bool
        /// Whether the thread does not know yet that something is here.
        var needsWake: Bool
    }

    private let limit: RabbitMQConnectionConfiguration.PublishLimit
    private var contents = Contents()
    private var isAnnounced = false
    private var messages = 0
    private var bytes = 0
    private var blockedReason: String?
    private(set) var closeReason: RabbitMQError?

    init(limit: RabbitMQConnectionConfiguration.PublishLimit) { self.limit = limit }

    mutating func offer(_ publications: [QueuedPublication]) -> Taken {
        guard closeReason == nil else { return Taken(isOpen: false, needsWake: false) }
        for var item in publications {
            if item.refusal == nil {
                let hasRoom = messages < limit.messages && (bytes + item.size <= limit.bytes || messages == 0)
                let fits = item.publication.urgent || hasRoom
                if fits {
                    messages += 1
                    bytes += item.size
                } else {
                    item.refuse(fullError)
                }
            }
            contents.publications.append(item)
        }
        return Taken(isOpen: true, needsWake: announce(!publications.isEmpty))
    }

    mutating func offer(_ acknowledgement: Acknowledgement) -> Taken {
        guard closeReason == nil else { return Taken(isOpen: false, needsWake: false) }
        contents.acknowledgements.append(acknowledgement)
        return Taken(isOpen: true, needsWake: announce(true))
    }

    mutating func take() -> Contents {
        defer { contents = Contents() }
        isAnnounced = false
        return contents
    }

    mutating func sent(messages: Int, bytes: Int) {
        self.messages -= messages
        self.bytes -= bytes
    }

    mutating func setBlocked(_ reason: String?) { blockedReason = reason }

    /// Takes what is here, and accepts nothing more. `nil` when it was already closed.
    mutating func close(_ reason: RabbitMQError) -> Contents? {
        guard closeReason == nil else { return nil }
        closeReason = reason
        return take()
    }

    private mutating func announce(_ hasContents: Bool) -> Bool {
        defer { isAnnounced = isAnnounced || hasContents }
        return hasContents && !isAnnounced
    }

    private var fullError: RabbitMQError {
        if let blockedReason {
            return RabbitMQError(
                .blocked,
                "The queue of publications is full while the broker blocks the connection (\(blockedReason))."
            )
        }
        return RabbitMQError(
            .overloaded,
            "The queue of publications is full (\(messages) messages, \(bytes) bytes wait): publish more slowly."
        )
    }
}
