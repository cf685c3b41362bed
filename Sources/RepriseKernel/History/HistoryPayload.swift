/// History as clients are told it, in the reference's words: what was scheduled is told by what came of it, what a rewind has undone is only named,
/// and what its readers never wanted to know (turns, custom statuses) is left out.
package struct HistoryPayload {
    var showInput: Bool
    var showOutput: Bool

    package init(showInput: Bool, showOutput: Bool) {
        self.showInput = showInput
        self.showOutput = showOutput
    }

    /// What was scheduled, and when.
    struct Origin {
        var task: ScheduledTask
        var time: Timestamp
    }

    /// One object or two for each event that is told, oldest first.
    package func events(_ records: [HistoryRecord]) -> [JSONObject] {
        let reading = Reading(records)
        return records.indices.flatMap { index in
            reading.isTold(index) ? [] : events(records[index], at: index, reading)
        }
    }

    /// How the records of a history belong together, by their places in it.
    struct Reading {
        /// By the place of a result.
        private(set) var origins: [Int: Origin] = [:]
        /// By the place of a fired timer.
        private(set) var fireTimes: [Int: Timestamp] = [:]
        /// By the timer: the code went on without it.
        private(set) var cancelTimes: [TaskID: Timestamp] = [:]
        /// Failures that a rewind has taken back.
        private(set) var undone: Set<Int> = []
        private var told: Set<Int> = []

        init(_ records: [HistoryRecord]) {
            var scheduled: [TaskID: Int] = [:]
            var timers: [TaskID: Timestamp] = [:]
            var failed: [TaskID: Int] = [:]
            var end: Int?
            var rewind: Int?
            for (index, record) in records.enumerated() {
                switch record.event {
                case .taskScheduled(let task):
                    // Sent out again by a rewind, it is told where it was scheduled last.
                    if let former = scheduled.updateValue(index, forKey: task.id) { told.insert(former) }
                    if let former = failed[task.id], let rewind, former < rewind { undone.insert(former) }
                case .taskCompleted(let id, _), .taskFailed(let id, _):
                    if case .taskFailed = record.event { failed[id] = index }
                    guard let place = scheduled[id], case .taskScheduled(let task) = records[place].event else { break }
                    told.insert(place)
                    origins[index] = Origin(task: task, time: records[place].time)
                case .timerCreated(let id, let fireAt): timers[id] = fireAt
                case .timerFired(let id): fireTimes[index] = timers[id]
                case .timerCanceled(let id): cancelTimes[id] = record.time
                case .executionFailed: end = index
                case .executionRewound:
                    rewind = index
                    if let end { undone.insert(end) }
                default: break
                }
            }
        }

        /// True for what was scheduled and is told by what came of it, or where it was scheduled again.
        func isTold(_ index: Int) -> Bool { told.contains(index) }
    }
}
