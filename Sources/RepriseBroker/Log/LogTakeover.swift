import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel

/// How an owner reads all of its partition's log: it appends a fence under the lock, and reads until it sees it.
///
/// What is read before the fence is all there is. What a former owner's connection should still bring after it does not
/// count.
struct LogTakeover: Sendable {
    enum Outcome: Equatable {
        /// The journal here is as far as the log, under a fence of this epoch.
        case caughtUp(epoch: Epoch)
        /// The log is not what was confirmed once, and the journal here is further. Says how that shows.
        case lost(String)
        /// The broker has no such stream.
        case missing(String)
        /// It ends below what an owner wrote down, and nothing here is further.
        case short(logged: CommitNumber)
        /// The segment is over: the log goes on in this one.
        case goesOn(in: Int64)
    }

    let partition: PartitionNumber
    let owner: any PartitionOwner
    let stream: String
    let pointer: LogAddress
    let mark: LogMark?
    /// The lock's.
    let channel: RabbitMQChannel
    let reading: RabbitMQConnection
    let node: String
    let announcer: OwnershipAnnouncer
    let timing: LogTiming
    let logger: Logger

    /// How long the broker may deliver nothing while there is something.
    private static let silence = Duration.seconds(30)

    func catchUp(from holding: HeldJournal?) async throws -> Outcome {
        do {
            let outcome = try await followed(LogCatchUp(pointer, from: holding, mark: mark))
            announcer.found(stream)
            return outcome
        } catch let error as LogReadError where error.code == .missing {
            try await waitForStream()
            return .missing(error.description)
        }
    }

    private func followed(_ course: LogCatchUp) async throws -> Outcome {
        do {
            return try await follow(course)
        } catch let error as JournalError where error.code == .diverged && !course.isRebuilding {
            logger.warning("\(error.message): the journal here is set aside")
            var anew = course
            anew.rebuild()
            return try await follow(anew)
        }
    }

    /// Returns when the stream stays away. A broker that has just started takes connections before it knows all its
    /// streams.
    ///
    /// It waits only once: the lock is held meanwhile, and another node may be the one to begin.
    ///
    /// - Throws: ``TakeoverDeclined`` when it is there after all.
    private func waitForStream() async throws {
        while true {
            let left = timing.absence - announcer.missed(stream)
            guard left > .zero else { return }
            try await timing.clock.sleep(for: min(timing.pause, left))
            if try await reading.existingQueue(stream) != nil {
                announcer.found(stream)
                throw TakeoverDeclined(
                    "the broker did not know the stream '\(stream)' a moment ago, but does now: trying again"
                )
            }
        }
    }

    private func follow(_ course: LogCatchUp) async throws -> Outcome {
        if course.isRebuilding {
            logger.notice("partition \(partition) is rebuilt from segment \(pointer.segment) of its log")
        }
        try await owner.read(pointer, rebuilding: course.isRebuilding)
        let (verdict, nonce) = try await readToFence(course)
        switch verdict {
        case .caughtUp(let epoch): return .caughtUp(epoch: epoch)
        case .behind(let logged):
            guard let known = course.known else { return .short(logged: logged) }
            guard try await wentOn(without: known, before: nonce) else {
                return .lost("it ends with commit \(logged), and commit \(known.commit) had been confirmed")
            }
            logger.warning("partition \(partition) continued elsewhere without the last commits of the journal here")
            var anew = course
            anew.rebuild()
            return try await follow(anew)
        case .short(let logged, let epoch):
            guard let mark = course.mark, try await wentOn(without: mark.position, before: nonce) else {
                return .short(logged: logged)
            }
            return .caughtUp(epoch: epoch)
        case .sealed(let next): return .goesOn(in: next)
        // The reader ends early only when the task is canceled.
        case .readOn, .fence: throw CancellationError()
        }
    }

    /// Fences, and applies what comes before the fence; with a higher epoch when the log knows one that is as high.
    private func readToFence(_ course: LogCatchUp) async throws -> (verdict: LogCatchUp.Verdict, nonce: UInt64) {
        var nonce = try await append(course.epoch)
        var verdict = LogCatchUp.Verdict.readOn
        // A log that has lost its end may be shorter than that, and a reader would wait there forever.
        let start: LogReader.Start =
            if let offset = course.start { .offset(min(offset, try await lastOffset())) } else { .first }
        try await read(from: start) { entries in
            guard let position = try await owner.follow(entries) else { return true }
            verdict = course.judge(position, fence: nonce)
            switch verdict {
            case .readOn: return true
            case .fence(let epoch):
                nonce = try await append(epoch)
                return true
            case .caughtUp, .behind, .short, .sealed: return false
            }
        }
        return (verdict, nonce)
    }

    /// True when another owner has committed after `standing` was made. Reads the whole segment: a log that is shorter
    /// than the journal here was read from its end only.
    private func wentOn(without standing: JournalPosition, before nonce: UInt64) async throws -> Bool {
        var found = false
        try await read(from: .first) { entries in
            for entry in entries {
                guard let record = try? LogRecordCodec.decode(entry.bytes) else { continue }
                if case .fence(_, nonce, _) = record { return false }
                if LogCatchUp.wentOn(without: standing, in: CollectionOfOne(record)) { found = true }
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

    /// Appends a fence, and gives its nonce once it is confirmed.
    private func append(_ epoch: Epoch) async throws -> UInt64 {
        let nonce = RandomID.number()
        let record = LogRecordCodec.encode(.fence(epoch: epoch, nonce: nonce, node: node))
        do {
            try await within(timing.timeout, of: timing.clock, "the confirm of a fence in '\(stream)'") {
                for message in LogFragments.messages(of: record, id: RandomID.make()) {
                    try await channel.publish(message, routingKey: stream)
                }
            }
        } catch let error as RabbitMQError where error.code == .returned {
            throw LogReadError(.missing, "the broker has no stream '\(stream)'")
        } catch let error as TimedOut {
            // A slow disk, an alarm, or a stream without a leader. None of it says that what the stream holds is lost.
            throw TakeoverDeclined(
                "\(error.description). The partition is tried again; should the broker's log say that this stream is gone for "
                    + "good, delete '\(stream)': the partition then continues from the best journal that is left"
            )
        }
        return nonce
    }

    private func read(from start: LogReader.Start, _ take: ([LogEntry]) async throws -> Bool) async throws {
        try await LogReader(connection: reading, stream: stream, silence: Self.silence, clock: timing.clock)
            .read(from: start, take)
    }
}

extension LogMark {
    /// Of a commit whose checksum nobody knows.
    fileprivate var position: JournalPosition { JournalPosition(commit: commit, checksum: 0, epoch: epoch) }
}
