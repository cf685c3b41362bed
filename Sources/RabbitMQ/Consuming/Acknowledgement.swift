/// The outcome of a delivery, on its way to the broker.
struct Acknowledgement: Sendable, Equatable {
    enum Kind: Sendable, Equatable { case ack, requeue, reject }

    var tag: UInt64
    var multiple: Bool
    var kind: Kind
}
