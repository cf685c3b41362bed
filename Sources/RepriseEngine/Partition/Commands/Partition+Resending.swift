import Logging
import RepriseKernel

/// Resends what the broker confirmed and then lost: it was wiped, or a queue was purged or deleted.
///
/// ```
///  command resend ─► course of one instance ─┐   a timer of the partition's own,
///  begun again   ──► course of all ──────────┴─► due at once, portion by portion ─► retry table ─► broker
/// ```
/// Nothing here is new to a receiver that has had it: keys and tokens are the old ones.
extension Partition {
    private static let sentAgainAtOnce = 256
    private static let instancesAtOnce = 64
    /// How many resent messages may be without an outcome before more are sent.
    private static let maximumUntried = 1_024
    private static let pauseOfCourses = Duration.milliseconds(100)

    // MARK: Beginning

    /// The broker has lost what it had: everything open is requested again, a portion with each commit.
    func resendAll() {
        logger.notice("What instances of this partition wait for is sent again, since the broker has lost what it had.")
        pursue(ResendCourse(key: 1, isSweep: true), at: now)
    }

    func resend(_ id: InstanceID) throws(JournalError) -> (count: Int, refusal: Rejection?) {
        guard let instance = try instance(id) else { return (0, unknown(id)) }
        guard !instance.row.runtimeStatus.isEnded else { return (0, ended(instance)) }
        if id.isEntity { return (try askHolder(of: instance) ? 1 : 0, nil) }
        let count = try openMessages(of: instance).count
        if count > 0 { pursue(ResendCourse(key: instance.row.key, isSweep: false), at: now) }
        return (count, nil)
    }

    private func pursue(_ course: ResendCourse, at due: Timestamp) {
        timers.arm(TimerRow(.resending(course), due: due))
    }

    // MARK: Going on

    func goOn(_ course: ResendCourse) throws(JournalError) {
        guard retries.untried < Self.maximumUntried else { return pursue(course, at: now + Self.pauseOfCourses) }
        var course = course
        var room = Self.sentAgainAtOnce
        guard course.isSweep else {
            guard let instance = try instance(key: course.key), !instance.row.runtimeStatus.isEnded else { return }
            if try !sendAgain(instance, &course, &room) { pursue(course, at: now + .milliseconds(1)) }
            return
        }
        let rows = try journal.instances(after: course.key.previous, limit: Self.instancesAtOnce)
        for row in rows {
            if row.key > course.key { course = ResendCourse(key: row.key, isSweep: true) }
            guard try sendAgain(row, &course, &room) else { return pursue(course, at: now + .milliseconds(1)) }
        }
        guard rows.count == Self.instancesAtOnce, let last = rows.last else {
            return logger.notice("All that instances of this partition wait for was sent again.")
        }
        pursue(ResendCourse(key: last.key.next, isSweep: true), at: now + .milliseconds(1))
    }

    /// One instance of a sweep. True when nothing of it is left.
    private func sendAgain(
        _ row: InstanceRow,
        _ course: inout ResendCourse,
        _ room: inout Int
    ) throws(JournalError) -> Bool {
        guard !row.runtimeStatus.isEnded else { return true }
        do {
            // It may have ended or restarted in this very batch.
            guard let instance = try instance(row.id), instance.row.key == row.key,
                !instance.row.runtimeStatus.isEnded
            else { return true }
            guard row.id.isEntity else { return try sendAgain(instance, &course, &room) }
            guard room > 0 else { return false }
            if try askHolder(of: instance) { room -= 1 }
            return true
        } catch {
            guard error.code == .damaged else { throw error }
            logger.error("What it waits for is not sent again: \(error.message)", metadata: ["instance": "\(row.id)"])
            return true
        }
    }

    private func sendAgain(
        _ instance: LiveInstance,
        _ course: inout ResendCourse,
        _ room: inout Int
    ) throws(JournalError) -> Bool {
        for message in try openMessages(of: instance) where message.number > course.after {
            guard room > 0 else { return false }
            sendAgain(message.number, position: message.position)
            course.after = message.number
            room -= 1
        }
        return true
    }

    /// Through the retry table, which is bounded per batch, ordered and survives the process. What is on its way now is
    /// sent again once that has an outcome: it may have been processed before, with its answer lost.
    private func sendAgain(_ number: OutboundNumber, position: HistoryPosition) {
        var row =
            retries[number] ?? RetryRow(number: number, position: position, attempts: 0, due: now, reason: "sent again")
        row.isSentAgain = true
        row.due = now
        retries.add(row)
    }

    // MARK: What is open

    /// The messages of an instance's open tasks, by number.
    func openMessages(of instance: LiveInstance) throws(JournalError) -> [(
        number: OutboundNumber, position: HistoryPosition
    )] {
        try fold(instance)
        guard let open = instance.open else { return [] }
        var wanted = open.tasks.filter { id, task in
            // What needs a lock that is requested again is sent with that.
            !instance.hasPendingResult(for: id) && task.section.map { open.isRegaining($0.task) } != true
        }
        // An entity repeats what it does not remember.
        let remembered = now + (.zero - settings.rememberCommands)
        var found: [(number: OutboundNumber, position: HistoryPosition)] = []
        var position = instance.row.lastPosition
        while position != 0, !wanted.isEmpty, let row = try journal.historyRow(at: position) {
            var number = row.firstOutbound
            for record in try row.decoded() where record.isOutbound {
                if case .taskScheduled(let task) = record.event, wanted[task.id] == task {
                    wanted[task.id] = nil
                    if !task.isOperation || record.time > remembered { found.append((number, position)) }
                }
                number += 1
            }
            position = position == instance.row.firstPosition ? 0 : row.previous
        }
        return found.sorted { $0.number < $1.number }
    }
}

extension ScheduledTask {
    /// Something that an entity performs each time it is told to.
    fileprivate var isOperation: Bool { if case .entity = target { true } else { false } }
}
