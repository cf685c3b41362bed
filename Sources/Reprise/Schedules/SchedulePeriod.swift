import Foundation
import RepriseKernel

/// One generation of a schedule: what it knows, and what it does about what happens.
struct SchedulePeriod {
    enum Event: CaseIterable { case pause, unpause, trigger, backfill }

    enum Happening: Sendable {
        case due
        case pause(Schedule.Pause)
        case unpause(Schedule.Unpause)
        case trigger(Schedule.Trigger)
        case backfill(Schedule.Backfill)
        /// What it waited for, and why it did not complete.
        case ended(String?)
    }

    private let context: OrchestrationContext
    private(set) var schedule: Schedule
    private var times: ScheduleTimes
    /// What it has started and waits for.
    private var running: InstanceID?
    /// Whether what runs has been told to end.
    private var isEnding = false
    private var isChanged = false
    /// For what a timer runs.
    private var armed: Date?
    private var unheard = Event.allCases
    private var published: ScheduleStatus?

    private static let maximumSkipped = 1_000
    private static let maximumBackfills = 100
    private static let moment = 0.001

    init(_ schedule: Schedule, _ context: OrchestrationContext) throws(Failure) {
        self.context = context
        self.schedule = schedule
        times = try ScheduleTimes(schedule)
        guard !schedule.isPaused else { return }
        dropWhatIsTooLate()
        if self.schedule.record.due == nil { advance() }
    }

    private var now: Date { context.currentTime }

    private var interrupts: Bool { schedule.overlap == .cancelOther || schedule.overlap == .terminateOther }

    /// False once there is nothing more to start.
    var isDue: Bool {
        let record = schedule.record
        return schedule.isPaused || record.due != nil || record.trigger != nil || !record.backfills.isEmpty
    }

    var status: ScheduleStatus {
        let starts = times.starts(from: schedule.record.due, 5, id: context.instanceID)
        return ScheduleStatus(schedule, nextStarts: starts, running: running.map { [$0.value] } ?? [])
    }

    mutating func publish() throws {
        let status = status
        guard status != published else { return }
        published = status
        try context.setCustomStatus(status)
    }

    // MARK: What it waits for

    /// The time to wake up at, unless a timer for it runs.
    mutating func takeTimer() -> Date? {
        guard let due = schedule.record.due, due != armed, running == nil || interrupts && !isEnding else { return nil }
        armed = due
        return start(of: due)
    }

    /// The events that it does not yet wait for.
    mutating func takeUnheard() -> [Event] {
        defer { unheard = [] }
        return unheard
    }

    mutating func take(_ happening: Happening) throws {
        switch happening {
        case .due: if running != nil, isDueNow { try endRunning() }
        case .pause(let pause):
            unheard = [.pause]
            setPaused(true, note: pause.note)
        case .unpause(let unpause):
            unheard = [.unpause]
            setPaused(false, note: unpause.note)
        case .trigger:
            unheard = [.trigger]
            try trigger()
        case .backfill(let backfill):
            unheard = [.backfill]
            fill(backfill)
        case .ended(let failure):
            running = nil
            schedule.record.lastFailure = failure
            if isDueNow { leaveOut() }
        }
        if case .due = happening { return }
        isChanged = true
    }

    private mutating func setPaused(_ isPaused: Bool, note: String?) {
        schedule.note = note.map(Schedule.cut)
        guard schedule.isPaused != isPaused else { return }
        schedule.isPaused = isPaused
        schedule.record.passed = now
        schedule.record.due = nil
        if !isPaused { advance() }
    }

    private mutating func trigger() throws {
        // Two in one millisecond are two starts.
        let time = max(now, schedule.record.triggered?.addingTimeInterval(Self.moment) ?? now)
        let waits = schedule.record.trigger != nil
        switch schedule.overlap {
        case .skip where running != nil, .bufferOne where waits:
            schedule.record.skipped += 1
            return
        case .cancelOther, .terminateOther:
            if waits { schedule.record.skipped += 1 }
            if running != nil { try endRunning() }
        case .skip, .bufferOne, .allowAll: break
        }
        schedule.record.triggered = time
        schedule.record.trigger = time
    }

    private mutating func fill(_ backfill: Schedule.Backfill) {
        guard schedule.record.backfills.count < Self.maximumBackfills else {
            schedule.record.lastFailure = "more than \(Self.maximumBackfills) backfills wait: the last was left out"
            return
        }
        if let backfill = rest(of: backfill) { schedule.record.backfills.append(backfill) }
    }

    /// From its first time on; nil when there is none.
    private func rest(of backfill: Schedule.Backfill, after time: Date? = nil) -> Schedule.Backfill? {
        let time = times.next(after: time ?? backfill.from.addingTimeInterval(-Self.moment))
        guard let time, time <= backfill.to else { return nil }
        return Schedule.Backfill(from: time, to: backfill.to)
    }

    private mutating func endRunning() throws {
        guard let running, !isEnding else { return }
        isEnding = true
        let reason = Payload.string("the next start of '\(context.instanceID)' is due")
        try context.order(
            schedule.overlap == .cancelOther ? .cancel(reason: reason) : .terminate(reason: reason),
            of: running
        )
    }

    // MARK: What is due

    private func start(of time: Date) -> Date { times.start(of: time, id: context.instanceID) }

    private var isDueNow: Bool { schedule.record.due.map { start(of: $0) <= now } ?? false }

    /// The next time that has not been dealt with.
    private mutating func advance() {
        var after = now
        if let window = schedule.catchUpSeconds {
            // What was due just then is within it.
            after = max(schedule.record.passed ?? now, now.addingTimeInterval(-window - Self.moment))
        }
        schedule.record.due = times.next(after: after)
        schedule.record.isKept = false
        guard schedule.everySeconds != nil, schedule.record.first == nil else { return }
        schedule.record.first = schedule.record.due?.timeIntervalSince1970
        times.first = schedule.record.first
    }

    private mutating func dropWhatIsTooLate() {
        guard let due = schedule.record.due, let window = schedule.catchUpSeconds, !schedule.record.isKept,
            start(of: due) < now.addingTimeInterval(-window)
        else { return }
        schedule.record.skipped += 1
        schedule.record.passed = due
        schedule.record.due = nil
    }

    /// Of the times that have come while something ran, keeps the one that is to follow it, if any.
    private mutating func leaveOut() {
        var due: [Date] = []
        var next = schedule.record.due
        while let time = next, start(of: time) <= now {
            due.append(time)
            next = times.next(after: due.count < Self.maximumSkipped ? time : now)
        }
        let kept = schedule.overlap == .bufferOne ? due.first : interrupts ? due.last : nil
        schedule.record.skipped += due.count - (kept == nil ? 0 : 1)
        schedule.record.passed = due.last ?? schedule.record.passed
        schedule.record.due = kept ?? next
        schedule.record.isKept = kept != nil
    }

    // MARK: Starting

    /// Starts what is due.
    ///
    /// - Returns: what is to be started and waited for; nil when nothing is due, and when it is not waited for.
    mutating func takeRun() throws -> InstanceID? {
        // Once something has changed there is a new generation first.
        guard running == nil, !isChanged, let run = nextRun() else { return nil }
        let id = try InstanceID(run.instance)
        schedule.record.note(run)
        guard schedule.overlap == .allowAll else {
            (running, isEnding) = (id, false)
            return id
        }
        try context.startOrchestrator(
            schedule.name,
            schedule.input,
            id: id,
            version: schedule.version,
            tags: schedule.tags
        )
        isChanged = true
        return nil
    }

    private mutating func nextRun() -> ScheduleStatus.Run? {
        if let time = schedule.record.trigger {
            schedule.record.trigger = nil
            return run(time, .trigger)
        }
        if isDueNow {
            // Its timer may have come late: no node ran.
            dropWhatIsTooLate()
            if schedule.record.due == nil { advance() }
        }
        if isDueNow {
            if interrupts { leaveOut() }
            guard let time = schedule.record.due else { return nil }
            schedule.record.passed = max(time, schedule.record.passed ?? time)
            advance()
            return run(time, .time)
        }
        guard let backfill = schedule.record.backfills.first else { return nil }
        schedule.record.backfills.removeFirst()
        if let rest = rest(of: backfill, after: backfill.from) { schedule.record.backfills.insert(rest, at: 0) }
        return run(backfill.from, .backfill)
    }

    private func run(_ time: Date, _ cause: ScheduleStatus.Cause) -> ScheduleStatus.Run {
        let text = cause == .trigger ? TimeText.milliseconds(Timestamp(rounding: time)) : time.formatted(.iso8601)
        return ScheduleStatus.Run(due: time, instance: "\(context.instanceID)@\(text)", cause: cause)
    }

    func continueUnlessRunning() throws {
        if running == nil, isChanged { try context.continueAsNew(schedule) }
    }
}

extension OrchestrationContext {
    /// Sends a command to another orchestration, and hears nothing of it: it may have ended.
    fileprivate func order(_ action: Command.Action, of instance: InstanceID) throws {
        try session.onExecutor("order") {
            session.record(.send(SentMessage(id: session.nextID(), to: instance, action: action)))
        }
    }
}
