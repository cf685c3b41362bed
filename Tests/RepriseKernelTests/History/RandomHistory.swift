import RepriseKernel
import RepriseTestSupport

/// Draws histories of every kind of event, with values at their edges, from a seed.
struct RandomHistory {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func next() -> RecordedHistory {
        RecordedHistory(
            instance: instance(),
            incarnation: Incarnation(rawValue: integer()),
            records: (0..<below(40)).map { _ in record() }
        )
    }

    private mutating func record() -> HistoryRecord {
        HistoryRecord(event(), time: time(), version: maybe { $0.integer() })
    }

    private mutating func event() -> HistoryEvent {
        switch below(28) {
        case 0: .executionScheduled(start())
        case 1: .executionStarted(start())
        case 2: .taskStarted(task())
        case 3: .taskCompleted(task(), result: payload())
        case 4: .taskFailed(task(), failure())
        case 5: .timerFired(task())
        case 6: .eventRaised(name: text(), payload())
        case 7: .executionSuspended(reason: payload())
        case 8: .executionResumed(reason: payload())
        case 9: .executionTerminated(reason: payload())
        case 10: .executionRewound(reason: payload(), undone: (0..<below(4)).map { _ in below(100_000) })
        case 11: .taskScheduled(scheduledTask())
        case 12: .timerCreated(task(), fireAt: time())
        case 13: .timerCanceled(task())
        case 14:
            .messageSent(
                SentMessage(id: task(), to: instance(), action: action(), life: maybe { $0.secret().low } ?? 0)
            )
        case 15: .customStatusSet(payload())
        case 16: .executionCompleted(output: payload())
        case 17: .executionFailed(failure())
        case 18: .executionContinued(start())
        case 19: .parentNotified(address())
        case 20: .entityRequested(request())
        case 21: .entityAnswered(address(), outcome())
        case 22: .parentAddressed(address())
        case 23:
            .cancelRequested(
                Cancellation(
                    reason: payload(),
                    grace: duration(),
                    children: below(2) == 0,
                    deadline: maybe { $0.time() }
                )
            )
        case 26: .taskProgressed(task(), payload())
        case 25: .taskAbandoned(task())
        case 24: .executionCanceled(reason: payload(), isForced: below(2) == 0)
        default:
            .entityStored(
                EntityState(state: maybe { $0.payload() }, section: maybe { $0.section() }, lastOperationTime: time())
            )
        }
    }

    private mutating func start() -> ExecutionStart {
        ExecutionStart(
            name: text(),
            input: payload(),
            traits: InstanceTraits(
                version: maybe { $0.text() },
                tags: tags(),
                parent: maybe { $0.instance() },
                startTime: maybe { $0.time() }
            ),
            parent: maybe { $0.address() },
            generation: integer(),
            lastTask: task(),
            customStatus: payload()
        )
    }

    private mutating func scheduledTask() -> ScheduledTask {
        let target: TaskTarget =
            switch below(4) {
            case 0: .activity
            case 1:
                .orchestration(
                    instance(),
                    version: maybe { $0.text() },
                    tags: tags(),
                    takesUp: below(2) == 0,
                    parentClose: ParentClosePolicy.allCases[below(3)]
                )
            case 2: .entity(entity(), section: maybe { $0.lock() })
            default: .lock(entities())
            }
        var scheduled = ScheduledTask(
            id: task(),
            name: text(),
            input: payload(),
            target: target,
            timeouts: TaskTimeouts(
                scheduleToStart: maybe { $0.duration() },
                startToClose: maybe { $0.duration() },
                heartbeat: maybe { $0.duration() }
            ),
            attempt: below(1_000),
            key: TaskKey(OutboundNumber(rawValue: integer()), life: maybe { $0.secret().high } ?? 0),
            secret: secret()
        )
        scheduled.progress = maybe { $0.payload() }
        return scheduled
    }

    private mutating func action() -> Command.Action {
        switch below(11) {
        case 0:
            .start(
                StartRequest(
                    orchestrator: text(),
                    input: payload(),
                    version: maybe { $0.text() },
                    tags: tags(),
                    startTime: maybe { $0.time() },
                    existing: StartRequest.Existing.allCases[below(3)],
                    event: maybe { StartRequest.Event(name: $0.text(), payload: $0.payload()) },
                    customStatus: maybe { $0.payload() },
                    parent: maybe { $0.address() },
                    takesUp: below(2) == 0
                )
            )
        case 1: .raiseEvent(name: text(), payload())
        case 2: .terminate(reason: payload(), children: below(2) == 0, childOf: maybe { $0.address() })
        case 3: .suspend(reason: payload())
        case 4: .resume(reason: payload())
        case 5: .rewind(reason: payload())
        case 8: .resend
        case 6: .restart(as: maybe { $0.instance() })
        case 9:
            .cancel(
                reason: payload(),
                grace: maybe { $0.duration() },
                children: below(2) == 0,
                childOf: maybe { $0.address() }
            )
        case 7: .purge(children: below(2) == 0, childOf: maybe { $0.address() })
        default: .operate(request())
        }
    }

    private mutating func request() -> EntityRequest {
        let kind: EntityRequest.Kind =
            switch below(3) {
            case 0: .operation(name: text(), input: payload())
            case 1: .lock(entities())
            default: .unlock
            }
        return EntityRequest(
            kind,
            caller: maybe { $0.address() },
            section: maybe { $0.section() },
            due: maybe { $0.time() }
        )
    }

    private mutating func outcome() -> TaskResult.Outcome {
        switch below(4) {
        case 0: .completed(payload())
        case 1: .failed(failure())
        case 2: .started
        default: .granted(entities())
        }
    }

    private mutating func failure() -> Failure {
        (0..<below(9)).reduce(nil as Failure?) { cause, _ in one(cause) } ?? one(nil)
    }

    private mutating func one(_ cause: Failure?) -> Failure {
        Failure(
            type: text(),
            message: text(),
            details: maybe { $0.text() },
            isNonRetriable: below(2) == 0,
            cause: cause
        )
    }

    // MARK: Small things

    private mutating func address() -> TaskAddress {
        TaskAddress(
            instance: instance(),
            token: TaskToken(
                incarnation: Incarnation(rawValue: integer()),
                task: task(),
                attempt: below(9),
                secret: secret()
            )
        )
    }

    private mutating func section() -> CriticalSection {
        CriticalSection(
            instance: InstanceID(trusted: "a.b-\(below(9))"),
            incarnation: Incarnation(rawValue: integer()),
            lock: lock()
        )
    }

    private mutating func instance() -> InstanceID {
        InstanceID(trusted: ["a", "trip.1", "größe 🚂", "@counter@", "@counter@k@1", "\"quoted\""][below(6)])
    }

    private mutating func entities() -> [EntityID] { (0..<below(3)).map { _ in entity() } }

    private mutating func entity() -> EntityID {
        // Every one of them keeps the rules.
        (try? EntityID(["counter", "konto"][below(2)], ["", "k@1", "ü"][below(3)])) ?? entity()
    }

    private mutating func secret() -> TaskSecret {
        TaskSecret(high: random.next(), low: [0, .max, random.next()][below(3)])
    }

    private mutating func task() -> TaskID { TaskID(integer()) }

    private mutating func lock() -> LockNumber { LockNumber(task(), attempt: 1 + below(3)) }

    private mutating func tags() -> [String: String] {
        Dictionary((0..<below(3)).map { _ in (text(), text()) }, uniquingKeysWith: { $1 })
    }

    private mutating func text() -> String {
        ["", "Order", "größe 🚂", "a\"b\\c\n\t\u{1}/", "\u{7F}\u{2028}", "e\u{301}"][below(6)]
    }

    private mutating func payload() -> Payload {
        Payload(
            trusted: Array(
                [
                    "null", "0", "-1.50e+7", "false", #""a \" } ] , : \\""#, "[]", "[[],{} , 1]",
                    #"{"a":{"b":[1,"]"]}, "c" : "{\"x\":1}"}"#, #""\ud83d\ude82 \u00fc""#,
                    String(repeating: "[", count: 128) + String(repeating: "]", count: 128),
                ][below(10)].utf8
            )
        )
    }

    private mutating func time() -> Timestamp {
        Timestamp(milliseconds: [0, 1_700_000_000_123, -1, .max, .min, 253_402_300_800_000][below(6)])
    }

    private mutating func duration() -> Duration {
        [.zero, .milliseconds(1_500), .seconds(-3) - .nanoseconds(1), .seconds(Int64.max)][below(4)]
    }

    private mutating func integer() -> Int64 { [0, 1, 42, .max, .min][below(5)] }

    private mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? { below(2) == 0 ? nil : make(&self) }

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
}
