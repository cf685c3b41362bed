import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel

/// How an owner comes to know all of its partition's log: it appends a fence under the lock, and reads until it sees it.
///
/// What is read before the fence is all there is. What a former owner's connection should still bring after it does not count.
struct LogTakeover: Sendable {
    enum Outcome: Equatable {
        /// The journal here is as far as the log, under a fence of this epoch.
        case caughtUp(epoch: Int64)
        /// The log is not what was confirmed once. Says how that shows.
        case lost(String)
    }

    private struct Fence {
        var epoch: Int64
        var nonce: UInt64
    }

    let partition: PartitionNumber
    let owner: any PartitionOwner
    let stream: String
    let pointer: LogPointer
    /// The lock's.
    let channel: Channel
    let reading: Connection
    let node: String
    let news: SeatNews
    let timing: LogTiming
    let logger: Logger

    /// How long the broker may deliver nothing while there is something.
    private static let silence = Duration.seconds(30)
    /// So many fences without a confirm, on a connection that is not blocked, and the stream has no leader any more.
    private static let patience = 3

    func catchUp(from holding: JournalHolding?) async throws -> Outcome {
        do {
            guard let holding, let offset = pointer.offset(after: holding.standing.commit) else {
                return try await rebuild()
            }
            return try await goOn(from: offset, holding)
        } catch let error as LogReadError where error.code == .missing {
            return .lost(error.description)
        } catch let error as UnconfirmedFence {
            // An alarm does this too, but then the next try gets no further than to read the journal's record.
            guard news.noteFence(isConfirmed: false) >= Self.patience else { throw error }
            return .lost("the broker confirms nothing that is appended to '\(stream)'")
        }
    }

    private struct UnconfirmedFence: Error, CustomStringConvertible {
        let description: String
    }

    private func rebuild() async throws -> Outcome {
        logger.notice("partition \(partition) is rebuilt from generation \(pointer.generation) of its log")
        try await owner.read(pointer, rebuilding: true)
        return .caughtUp(epoch: try await readToFence(of: 1, from: { .first }).progress.standing.epoch)
    }

    private func goOn(from offset: Int64, _ holding: JournalHolding) async throws -> Outcome {
        let epoch = holding.standing.epoch
        let (progress, nonce): (LogProgress, UInt64)
        do {
            try await owner.read(pointer, rebuilding: false)
            (progress, nonce) = try await readToFence(of: epoch + 1) {
                // A log that has lost its end may be shorter than that, and a reader would wait there for ever.
                .offset(min(offset, try await lastOffset()))
            }
        } catch let error as JournalError where error.code == .diverged {
            logger.warning("\(error.message): the journal here is set aside")
            return try await rebuild()
        }
        let logged = max(progress.lastLogged, pointer.commit)
        if logged >= holding.standing.commit { return .caughtUp(epoch: progress.standing.epoch) }
        if try await hasFence(above: epoch, before: nonce) {
            logger.warning("partition \(partition) went on elsewhere without the last commits of the journal here")
            return try await rebuild()
        }
        return .lost("it ends with commit \(logged), and commit \(holding.standing.commit) had been confirmed")
    }

    /// Fences, and applies what comes before the fence; with a higher epoch when the log knows one that is as high.
    private func readToFence(
        of epoch: Int64,
        from start: @Sendable () async throws -> LogReader.Start
    ) async throws -> (progress: LogProgress, nonce: UInt64) {
        var fence = try await append(epoch)
        var reached: LogProgress?
        try await read(from: try await start()) { entries in
            guard let progress = try await owner.follow(entries) else { return true }
            guard let isAccepted = progress.fences[fence.nonce] else {
                if let next = progress.sealed { throw sealed(next) }
                return true
            }
            if !isAccepted { fence = try await append(progress.standing.epoch + 1) }
            if isAccepted { reached = progress }
            return !isAccepted
        }
        // The reader ends early only when the task is cancelled.
        guard let reached else { throw CancellationError() }
        return (reached, fence.nonce)
    }

    /// True when somebody owned the partition after `epoch` and before the present fence. Reads the whole generation: a log
    /// that is shorter than the journal here was read from its end only.
    private func hasFence(above epoch: Int64, before nonce: UInt64) async throws -> Bool {
        var found = false
        try await read(from: .first) { entries in
            for entry in entries {
                guard case .fence(let other, let number, _)? = try? LogRecordCodec.decode(entry.bytes) else { continue }
                if number == nonce { return false }
                if other > epoch { found = true }
            }
            return true
        }
        return found
    }

    /// The offset of one of the last records. There is one: the fence is confirmed.
    private func lastOffset() async throws -> Int64 {
        var offset: Int64 = 0
        try await read(from: .last) { entries in
            offset = entries.first?.offset ?? 0
            return false
        }
        return offset
    }

    private func append(_ epoch: Int64) async throws -> Fence {
        let fence = Fence(epoch: epoch, nonce: RandomID.number())
        let record = LogRecordCodec.encode(.fence(epoch: epoch, nonce: fence.nonce, node: node))
        do {
            try await within(timing.patience, of: timing.clock, "the confirm of a fence in '\(stream)'") {
                for message in LogFragments.messages(of: record, id: RandomID.make()) {
                    try await channel.publish(message, routingKey: stream)
                }
            }
        } catch let error as RabbitMQError where error.code == .returned {
            throw LogReadError(.missing, "the broker has no stream '\(stream)'")
        } catch let error as TimedOut {
            throw UnconfirmedFence(description: error.description)
        }
        _ = news.noteFence(isConfirmed: true)
        return fence
    }

    private func read(from start: LogReader.Start, _ take: ([LogEntry]) async throws -> Bool) async throws {
        try await LogReader(connection: reading, stream: stream, silence: Self.silence, clock: timing.clock)
            .read(from: start, take)
    }

    private func sealed(_ next: Int64) -> SeatRefusal {
        SeatRefusal(
            "generation \(pointer.generation) of the log of partition \(partition) is sealed, and nothing says where "
                + "generation \(next) begins"
        )
    }
}
