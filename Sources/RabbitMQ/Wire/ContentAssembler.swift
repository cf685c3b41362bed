/// Assembles the three kinds of frames of a message, for one channel. A pure value.
///
/// ```
///   method (deliver, get-ok, return) ──▶ header (size, properties) ──▶ body … body
/// ```
///
/// A body larger than the limit is hashed and dropped piece by piece, so that a hostile size costs no memory.
struct ContentAssembler {
    /// What the method frame said.
    enum Origin: Sendable, Equatable {
        case delivery(tag: UInt64, consumerTag: String, redelivered: Bool, exchange: String, routingKey: String)
        case fetched(tag: UInt64, redelivered: Bool, exchange: String, routingKey: String)
        case returned(code: UInt16, text: String)
    }

    struct Content {
        var origin: Origin
        var properties: RabbitMQProperties
        var body: RabbitMQBody
    }

    private enum State {
        case idle
        case expectsHeader(Origin)
        case collects(Origin, RabbitMQProperties, size: UInt64, bytes: [UInt8])
        case drops(Origin, RabbitMQProperties, size: UInt64, remaining: UInt64, hash: FNV1a64)
    }

    private var state = State.idle
    private let maximumBodySize: Int

    init(maximumBodySize: Int) { self.maximumBodySize = maximumBodySize }

    mutating func begin(_ origin: Origin) throws(RabbitMQError) {
        guard case .idle = state else { throw Self.violation("a message began inside another") }
        state = .expectsHeader(origin)
    }

    /// Returns the message if it has no body.
    mutating func header(size: UInt64, properties: RabbitMQProperties) throws(RabbitMQError) -> Content? {
        guard case .expectsHeader(let origin) = state else { throw Self.violation("a header came without a method") }
        if size == 0 {
            state = .idle
            return Content(origin: origin, properties: properties, body: .bytes([]))
        }
        if size > UInt64(maximumBodySize) {
            state = .drops(origin, properties, size: size, remaining: size, hash: FNV1a64())
        } else {
            state = .collects(origin, properties, size: size, bytes: [])
        }
        return nil
    }

    /// Returns the message if this was its last piece.
    mutating func body(_ piece: UnsafeRawBufferPointer) throws(RabbitMQError) -> Content? {
        // Taken out of the state so that the array is not copied at every piece.
        let current = state
        state = .idle
        switch consume current {
        case .idle, .expectsHeader: throw Self.violation("a body came without a header")
        case .collects(let origin, let properties, let size, var bytes):
            let total = UInt64(bytes.count) + UInt64(piece.count)
            if total > size { throw Self.violation("a body is longer than its header says") }
            if total == size && bytes.isEmpty {
                return Content(origin: origin, properties: properties, body: .bytes([UInt8](piece)))
            }
            if bytes.isEmpty { bytes.reserveCapacity(Int(size)) }
            bytes.append(contentsOf: piece)
            if total == size { return Content(origin: origin, properties: properties, body: .bytes(bytes)) }
            state = .collects(origin, properties, size: size, bytes: bytes)
            return nil
        case .drops(let origin, let properties, let size, let remaining, var hash):
            if UInt64(piece.count) > remaining { throw Self.violation("a body is longer than its header says") }
            hash.combine(piece)
            let left = remaining - UInt64(piece.count)
            if left == 0 {
                let body = RabbitMQBody.dropped(size: size, fnv1a64: hash.value)
                return Content(origin: origin, properties: properties, body: body)
            }
            state = .drops(origin, properties, size: size, remaining: left, hash: hash)
            return nil
        }
    }

    private static func violation(_ what: String) -> RabbitMQError {
        RabbitMQError(.protocolViolation, "The broker broke the protocol: \(what).")
    }
}
