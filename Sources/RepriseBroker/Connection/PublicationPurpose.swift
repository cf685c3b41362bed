import RepriseKernel

/// What a publication's id says: who waits for its settlement.
///
/// ```
///  0 …                    a message of the outbox, by its number
///  the highest bit        one that a counter of its own numbers: a record of a log, what a lane mentions
///  all bits               no one
/// ```
enum PublicationPurpose: Equatable, Sendable {
    case outbound(OutboundNumber)
    /// From 0.
    case counted(UInt64)
    case unawaited

    private static let mark: UInt64 = 1 << 63

    init(id: UInt64) {
        if id == .max {
            self = .unawaited
        } else if id & Self.mark != 0 {
            self = .counted(id & ~Self.mark)
        } else {
            self = .outbound(OutboundNumber(rawValue: Int64(bitPattern: id)))
        }
    }

    var id: UInt64 {
        switch self {
        case .outbound(let number): UInt64(bitPattern: number.rawValue)
        case .counted(let number): Self.mark | number
        case .unawaited: .max
        }
    }

    var isCounted: Bool { if case .counted = self { true } else { false } }
}

extension OutboundNumber {
    /// The id of a message of the outbox.
    var publicationID: UInt64 { PublicationPurpose.outbound(self).id }

    init(publicationID: UInt64) { self.init(rawValue: Int64(bitPattern: publicationID)) }
}
