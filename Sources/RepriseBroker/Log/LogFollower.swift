import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel

/// Keeps the journal of a partition owned by another node up to date with its log, so that this node could take over at
/// once.
///
/// ```
///  pointer, as its owner announces it
///    └► read segment g: from the snapshot when nothing is here or it does not fit, else after what is here
///         └► sealed, or a newer segment is announced ──► the next one
/// ```
struct LogFollower: Sendable {
    let partition: PartitionNumber
    let owner: any PartitionOwner
    let names: HubNames
    let policy: any AssignmentPolicy
    let connection: RabbitMQConnection
    let announcer: OwnershipAnnouncer
    let timing: LogTiming
    let logger: Logger

    /// How often to wait for the old segment's end, after a newer one was announced, before leaving it.
    /// How many times its successor must have been seen.
    private static let timesSeen = 5

    /// Returns when the task is canceled: then nothing of the log is being applied any more.
    func run() async {
        var finished: Int64 = 0
        var mustRebuild = false
        var lastSaid = ""
        while !Task.isCancelled {
            do {
                let pointer = try await pointer(after: finished)
                try await follow(pointer, rebuilding: mustRebuild)
                finished = pointer.segment
                mustRebuild = false
                lastSaid = ""
            } catch is CancellationError {
                return
            } catch {
                guard !Task.isCancelled else { return }
                mustRebuild = (error as? JournalError)?.code == .diverged
                let trouble = "its log cannot be followed: \(error)"
                announcer.note { $0.trouble = trouble }
                if trouble != lastSaid { logger.warning("partition \(partition): \(trouble)") }
                lastSaid = trouble
                try? await timing.clock.sleep(for: timing.pause)
            }
        }
    }

    private func pointer(after finished: Int64) async throws -> LogAddress {
        while true {
            let pointer = try await policy.pointer(of: partition)
            if pointer.segment > finished { return pointer }
            try await timing.clock.sleep(for: timing.pause / 10)
        }
    }

    /// Returns when the log goes on in another segment.
    private func follow(_ pointer: LogAddress, rebuilding mustRebuild: Bool) async throws {
        announcer.saw(segment: pointer.segment)
        let holding = try await owner.holding()
        let start = mustRebuild ? nil : holding.flatMap { pointer.offset(after: $0.standing.commit) }
        try await owner.read(pointer, rebuilding: start == nil)
        let reader = LogReader(
            connection: connection,
            stream: names.log(partition, segment: pointer.segment)
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await reader.read(from: start.map { .offset($0) } ?? .first) { entries in
                    guard let position = try await owner.follow(entries) else { return true }
                    let holding = try await owner.holding()
                    announcer.note {
                        $0.role = .standby
                        $0.holding = holding
                        $0.log = pointer
                        $0.trouble = nil
                    }
                    return position.sealed == nil
                }
            }
            group.addTask { try await untilLeft(pointer) }
            try await group.next()
        }
        try Task.checkCancellation()
    }

    /// An owner that died between its new segment's pointer and the old one's seal leaves the old one open forever.
    private func untilLeft(_ pointer: LogAddress) async throws {
        var timesSeen = 0
        while timesSeen < Self.timesSeen {
            try await timing.clock.sleep(for: timing.pause)
            if try await policy.pointer(of: partition).segment > pointer.segment { timesSeen += 1 }
        }
    }
}
