import RabbitMQ
import RepriseEngine

/// Why a segment of the log cannot be read.
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

/// Reads one segment of a partition's log.
///
/// A stream keeps what is read, and its end cannot be queried: a reader continues until its consumer has seen enough.
struct LogReader {
    enum Start {
        case first
        case offset(Int64)
        /// The last few records; one at least.
        case last
    }

    let connection: RabbitMQConnection
    let stream: String
    /// How long the broker may be silent; for readers who know that there is something. Nil means forever.
    var silence: Duration?
    var clock: any Clock<Duration> = ContinuousClock()
    /// At 1 MiB each, the most memory that unread messages take is as many MiB.
    private static let prefetch: UInt16 = 64

    /// Hands over records in order, all that are there at a time, until `take` returns false or the task is canceled.
    ///
    /// - Throws: ``LogReadError``, what `take` throws, or `RabbitMQError` when the channel is lost.
    func read(from start: Start, _ take: ([LogEntry]) async throws -> Bool) async throws {
        let consumer = try await Consumer.open(on: connection, confirms: false)
        do {
            let offset: RabbitMQTable = ["x-stream-offset": start.argument]
            try await consumer.consume(stream, prefetch: Self.prefetch, arguments: offset)
            if try await !hand(over: consumer, take) { try await consumer.untilEnded() }
        } catch let error as RabbitMQError where error.code == .notFound {
            await consumer.channel.close()
            throw LogReadError(.missing, "the broker has no stream '\(stream)': \(error.message)")
        } catch {
            await consumer.channel.close()
            throw error
        }
        await consumer.channel.close()
    }

    /// Returns true when `take` has seen enough.
    private func hand(
        over consumer: Consumer,
        _ take: ([LogEntry]) async throws -> Bool
    ) async throws -> Bool {
        var assembler = LogAssembler()
        while let deliveries = try await next(consumer) {
            var entries: [LogEntry] = []
            for delivery in deliveries {
                if let entry = try assembler.add(delivery) { entries.append(entry) }
            }
            if !entries.isEmpty, try await !take(entries) { return true }
            // Only now: what is unacknowledged bounds what the broker sends.
            consumer.ack(deliveries)
        }
        return false
    }

    private func next(_ consumer: Consumer) async throws -> [RabbitMQDelivery]? {
        guard let silence else { return await consumer.next() }
        return try await within(silence, of: clock, "the broker's next delivery from '\(stream)'") {
            await consumer.next()
        }
    }
}

extension LogReader.Start {
    fileprivate var argument: RabbitMQFieldValue {
        switch self {
        case .first: "first"
        case .last: "last"
        case .offset(let offset): .int(offset)
        }
    }
}
