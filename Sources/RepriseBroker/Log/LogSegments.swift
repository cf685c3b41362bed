import Dispatch
import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import Synchronization

/// Makes and deletes the streams of a partition's log, for one period of ownership, while the partition's thread works.
///
/// Streams are made, and leftovers of their names deleted, on the lock's own channel: so a former owner cannot delete
/// what its successor has created. Old segments are below every successor's: they go over another connection.
final class LogSegments: Sendable {
    private enum Job {
        case open(Int64, journal: JournalID?, Opening)
        case delete(Int64)
        /// What crashed owners did not get to delete.
        case sweep(below: Int64, journal: JournalID)
        /// What says that there is a log, once its numbers are beyond where a survey looks.
        case anchor
    }

    /// Why a segment cannot be begun.
    struct Refusal {
        let why: String
        /// There is a stream of its name that is not the journal's.
        var isOccupied = false
    }

    private struct State {
        var openings: [Int64: Opening] = [:]
        var isClosed = false
    }

    private let partition: PartitionNumber
    private let names: HubNames
    private let lock: PartitionLock
    private let deleting: RabbitMQConnection
    private let timing: LogTiming
    private let logger: Logger
    private let jobs = BatchQueue<Job>()
    private let state = Mutex(State())

    /// As many missing numbers in a row end a sweep: numbers are skipped where a segment was abandoned.
    private static let gap = 4

    init(
        partition: PartitionNumber,
        names: HubNames,
        lock: PartitionLock,
        deleting: RabbitMQConnection,
        timing: LogTiming,
        logger: Logger
    ) {
        self.partition = partition
        self.names = names
        self.lock = lock
        self.deleting = deleting
        self.timing = timing
        self.logger = logger
    }

    /// Works until the task is canceled; waiters are then told.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            while let jobs = await jobs.next() {
                for job in jobs { group.addTask { await self.perform(job) } }
            }
            group.cancelAll()
        }
        let openings = state.withLock { state in
            state.isClosed = true
            return state.openings.sorted { $0.key < $1.key }.map(\.value)
        }
        for opening in openings { opening.end(Self.lost) }
    }

    /// Begins to make the stream, unless that has begun.
    func prepare(_ segment: Int64, of journal: JournalID?) { _ = opening(segment, journal) }

    /// Blocks the calling thread until the stream is there and old enough. Says why it is not; nil when it is.
    func open(_ segment: Int64, of journal: JournalID?) -> Refusal? {
        let opening = opening(segment, journal)
        let failure = opening.wait()
        // The next time, whatever has that name then is a leftover.
        state.withLock { $0.openings[segment] = nil }
        return failure
    }

    func delete(_ segment: Int64) { jobs.post([.delete(segment)]) }

    /// - Parameter journal: the present one. Only people may delete a stream that it did not come from.
    func sweep(below segment: Int64, of journal: JournalID) {
        jobs.post([.sweep(below: segment, journal: journal)])
        if segment > LogSurvey.numbered { jobs.post([.anchor]) }
    }

    private func opening(_ segment: Int64, _ journal: JournalID?) -> Opening {
        let (opening, isNew) = state.withLock { state in
            if let opening = state.openings[segment], !opening.hasFailed { return (opening, false) }
            let opening = Opening()
            if state.isClosed { opening.end(Self.lost) }
            state.openings[segment] = opening
            return (opening, !state.isClosed)
        }
        if isNew { jobs.post([.open(segment, journal: journal, opening)]) }
        return opening
    }

    private static let lost = Refusal(why: "the partition is no longer ours")

    private func perform(_ job: Job) async {
        switch job {
        case .open(let segment, let journal, let opening): await make(segment, of: journal, opening)
        case .delete(let segment): await deleteStream(of: segment)
        case .sweep(let segment, let journal): await sweepNow(below: segment, of: journal)
        case .anchor: await makeAnchor()
        }
    }

    private func make(_ segment: Int64, of journal: JournalID?, _ opening: Opening) async {
        let stream = names.log(partition, segment: segment)
        do {
            let survey = LogSurvey(connection: deleting, timing: timing)
            if let found = try await survey.look(at: stream, of: "segment"), let other = found.stranger(to: journal) {
                logger.error("the stream '\(stream)' is in the way of the partition's log: \(other). It is left there")
                return opening.end(Refusal(why: "'\(stream)' is there: \(other)", isOccupied: true))
            }
            try await lock.channel.deleteQueue(stream)
            try await lock.channel.declareQueue(stream, arguments: QueueArguments.log)
            if segment > LogSurvey.numbered { await makeAnchor() }
            try await timing.clock.sleep(for: timing.settling)
            opening.end(nil)
        } catch {
            opening.end(Refusal(why: "the stream '\(stream)' cannot be made: \(error)"))
        }
    }

    private func deleteStream(of segment: Int64) async {
        let stream = names.log(partition, segment: segment)
        do {
            try await timing.clock.sleep(for: timing.grace)
            let channel = try await deleting.openChannel(confirms: false)
            try await channel.deleteQueue(stream)
            await channel.close()
        } catch {
            // The next owner finds it.
            logger.debug("the stream '\(stream)' is not deleted: \(error)")
        }
    }

    private func makeAnchor() async {
        let stream = names.log(partition, segment: 0)
        do {
            let channel = try await deleting.openChannel(confirms: false)
            try await channel.declareQueue(stream, arguments: QueueArguments.log)
            await channel.close()
        } catch {
            // The next segment, and the next owner, try again.
            logger.warning("the stream '\(stream)' cannot be made: \(error)")
        }
    }

    private func sweepNow(below segment: Int64, of journal: JournalID) async {
        var candidate = segment - 1
        var missing = 0
        while candidate > 0, missing < Self.gap, !Task.isCancelled {
            let stream = names.log(partition, segment: candidate)
            let survey = LogSurvey(connection: deleting, timing: timing)
            let found: LogSurvey.Found
            do {
                guard let there = try await survey.look(at: stream, of: "sweep") else {
                    candidate -= 1
                    missing += 1
                    continue
                }
                found = there
            } catch {
                logger.warning("the stream '\(stream)' is left over, and cannot be read: it is left there. \(error)")
                return
            }
            missing = 0
            candidate -= 1
            if let other = found.stranger(to: journal) {
                logger.error(
                    """
                    the stream '\(stream)' is not of the journal \(journal) that partition \(partition) has now \
                    (\(other)): it is left there. Find out why there are two; delete it once it is no longer wanted
                    """
                )
                continue
            }
            logger.info("the stream '\(stream)' is left over; it is deleted in \(timing.grace)")
            delete(candidate + 1)
        }
    }
}

/// A stream that is being made.
private final class Opening: Sendable {
    private enum State {
        case begun
        case ended(LogSegments.Refusal?)
    }

    private let state = Mutex(State.begun)
    private let decided = DispatchSemaphore(value: 0)

    /// Beyond what the broker's answers, each bounded, can take together.
    private static let timeout = DispatchTimeInterval.seconds(30)

    var hasFailed: Bool { state.withLock { if case .ended(.some) = $0 { true } else { false } } }

    /// The first end counts.
    func end(_ refusal: LogSegments.Refusal?) {
        let isFirst = state.withLock { state in
            guard case .begun = state else { return false }
            state = .ended(refusal)
            return true
        }
        if isFirst { decided.signal() }
    }

    func wait() -> LogSegments.Refusal? {
        guard decided.wait(timeout: .now() + Self.timeout) == .success else {
            return LogSegments.Refusal(why: "the broker takes too long")
        }
        return state.withLock { if case .ended(let refusal) = $0 { refusal } else { nil } }
    }
}
