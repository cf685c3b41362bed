package import RepriseKernel

/// A timer that a partition has armed.
package struct TimerRow: TableRow, Hashable {
    package var subject: TimerSubject
    package var due: Timestamp

    package var key: TimerSubject { subject }

    package init(_ subject: TimerSubject, due: Timestamp) {
        self.subject = subject
        self.due = due
    }

    // The due time has to fit, too: an execution that begins again numbers its timers again.
    package static func key(of removal: TimerRow) -> TimerSubject { removal.subject }
    package func fits(_ removal: TimerRow) -> Bool { self == removal }
}

/// What a timer belongs to, and what it is for.
package enum TimerSubject: Hashable, Sendable {
    case instance(InstanceKey, TimerPurpose)
    /// The partition's own.
    case resending(ResendCourse)
}

/// What an instance's timer is for.
package enum TimerPurpose: Hashable, Sendable {
    /// A timer that the code asked for.
    case task(TaskID)
    case begin(generation: Int64)
    case scheduleToStart(TaskID)
    case startToClose(TaskID)
    /// The time by which an attempt must have reported something.
    case heartbeat(TaskID)
    /// The end of the time that canceled code has for its clean-up.
    case grace

    /// The time of a delayed signal. An entity has no tasks: its timers are identified by the numbers of what waits for
    /// it.
    package static func signal(_ number: PendingNumber) -> TimerPurpose { .task(TaskID(number.rawValue)) }

    /// The delayed signal, of an entity's timer.
    package var signal: PendingNumber? {
        if case .task(let id) = self { PendingNumber(rawValue: id.value) } else { nil }
    }
}

/// How far a partition has got with resending. Kept as a timer, so that the next process continues it.
package struct ResendCourse: Hashable, Sendable {
    /// The next instance; the only one unless `isSweep`.
    package var key: InstanceKey
    /// All from `key` on.
    package var isSweep: Bool
    /// Of that instance, what has a number up to this one is done.
    package var after: OutboundNumber = 0

    package init(key: InstanceKey, isSweep: Bool, after: OutboundNumber = 0) {
        self.key = key
        self.isSweep = isSweep
        self.after = after
    }
}

/// A timer's subject as stored in journals: two numbers that are its key, and its place among timers due at the same
/// time.
///
/// ```
///  instance   task
///  k          n           a timer of the code's, or a delayed signal
///  k          -4g - 1     the beginning of generation g
///  k          -4n - 2     task n was taken by no worker
///  k          -4n - 3     task n was not answered
///  k          -4n - 4     task n reported nothing; no task has the number 0
///  k          -4          the end of the grace period
///  -2k - s    n           what is sent again: after n, of instance k, and of all behind it where s is 1
/// ```
/// Rows also come from logs, which may contain anything: no number in them may crash the process.
package struct TimerColumns: Hashable, Comparable, Sendable {
    package var instance: Int64
    package var task: Int64

    package init(instance: Int64, task: Int64) {
        self.instance = instance
        self.task = task
    }

    package init(_ subject: TimerSubject) {
        switch subject {
        case .instance(let key, let purpose):
            instance = key.rawValue
            task =
                switch purpose {
                case .task(let id): id.value
                case .begin(let generation): -4 &* generation &- 1
                case .scheduleToStart(let id): -4 &* id.value &- 2
                case .startToClose(let id): -4 &* id.value &- 3
                case .heartbeat(let id): -4 &* id.value &- 4
                case .grace: -4
                }
        case .resending(let course):
            instance = -2 &* course.key.rawValue &- (course.isSweep ? 1 : 0)
            task = course.after.rawValue
        }
    }

    package var subject: TimerSubject {
        guard instance >= 0 else {
            let packed = instance.magnitude
            return .resending(
                ResendCourse(
                    key: InstanceKey(rawValue: Int64(packed / 2)),
                    isSweep: packed % 2 == 1,
                    after: OutboundNumber(rawValue: task)
                )
            )
        }
        return .instance(InstanceKey(rawValue: instance), purpose)
    }

    private var purpose: TimerPurpose {
        guard task < 0 else { return .task(TaskID(task)) }
        let number = Int64(task.magnitude / 4)
        return switch task.magnitude % 4 {
        case 1: .begin(generation: number)
        case 2: .scheduleToStart(TaskID(number))
        case 3: .startToClose(TaskID(number))
        default: number > 1 ? .heartbeat(TaskID(number - 1)) : .grace
        }
    }

    package static func < (a: Self, b: Self) -> Bool { (a.instance, a.task) < (b.instance, b.task) }
}

extension TimerSubject: Comparable {
    package static func < (a: Self, b: Self) -> Bool { TimerColumns(a) < TimerColumns(b) }
}
