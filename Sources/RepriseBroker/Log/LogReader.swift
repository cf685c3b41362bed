import RabbitMQ
import RepriseEngine

/// Why a generation of the log cannot be read.
struct LogReadError: Error, CustomStringConvertible {
    enum Code {
        /// The broker has no such stream, or has none any more.
        case missing
        /// What is in it was not written by a partition's owner.
        case unreadable
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// Reads one generation of a partition's log.
///
/// A stream keeps what is read, and its end cannot be asked for: a reader goes on until its taker has seen enough.
struct LogReader {
    enum Start {
        case first
        case offset(Int64)
        /// The last few records; one at least.
        case last
    }

    let connection: Connection
    let stream: String
    /// How long the broker may be silent; for readers who know that there is something. Nil for ever.
    var silence: Duration?
    var clock: any Clock<Duration> = ContinuousClock()
    /// At 1 MiB each, the most memory that unread messages take is as many MiB.
    private static let prefetch: UInt16 = 64

    /// Hands over records in order, all that are there at a time, until `take` returns false or the task is cancelled.
    ///
    /// - Throws: ``LogReadError``, what `take` throws, or `RabbitMQError` when the channel is lost.
    func read(from start: Start, _ take: ([LogEntry]) async throws -> Bool) async throws {
        let arrivals = Mailbox<Delivery>()
        let ended = Once<RabbitMQError>()
        let channel = try await connection.openChannel(confirms: false) { event in
            switch event {
            case .deliveries(let deliveries): return arrivals.post(deliveries)
            case .consumerCancelled: ended.set(RabbitMQError(.notFound, "The stream was deleted."))
            case .closed(let error): ended.set(error)
            case .settled, .flow: return
            }
            arrivals.finish()
        }
        do {
            try await channel.setPrefetch(Self.prefetch)
            try await channel.consume(stream, arguments: ["x-stream-offset": start.argument])
            let isEnough = try await hand(over: arrivals, channel, take)
            if !isEnough, let error = ended.now, !Task.isCancelled { throw error }
        } catch let error as RabbitMQError where error.code == .notFound {
            await channel.close()
            throw LogReadError(.missing, "the broker has no stream '\(stream)': \(error.message)")
        } catch {
            await channel.close()
            throw error
        }
        await channel.close()
    }

    /// Returns true when `take` has seen enough.
    private func hand(
        over arrivals: Mailbox<Delivery>,
        _ channel: Channel,
        _ take: ([LogEntry]) async throws -> Bool
    ) async throws -> Bool {
        var assembler = LogAssembler()
        while let deliveries = try await next(arrivals) {
            var entries: [LogEntry] = []
            for delivery in deliveries {
                if let entry = try assembler.add(delivery) { entries.append(entry) }
            }
            if !entries.isEmpty, try await !take(entries) { return true }
            // Only now: what is unacknowledged bounds what the broker sends.
            if let last = deliveries.last { channel.ack(last.tag, multiple: true) }
        }
        return false
    }

    private func next(_ arrivals: Mailbox<Delivery>) async throws -> [Delivery]? {
        guard let silence else { return await arrivals.next() }
        return try await within(silence, of: clock, "the broker's next delivery from '\(stream)'") {
            await arrivals.next()
        }
    }
}

extension LogReader.Start {
    fileprivate var argument: FieldValue {
        switch self {
        case .first: "first"
        case .last: "last"
        case .offset(let offset): .int(offset)
        }
    }
}
