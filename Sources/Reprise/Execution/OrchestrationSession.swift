package import Logging
package import RepriseKernel

/// One execution of an orchestrator, alive in memory: its code suspended between events, its decisions collected.
///
/// ```
///  engine ── apply(event) ──►  resumes what waits for it, drains the executor  ──► Turn (decisions, how it stands)
/// ```
///
/// Belongs to the partition's thread. Code that runs elsewhere reaches only ``record(_:)`` and friends, which check
/// where they are called before they touch anything.
package final class OrchestrationSession: @unchecked Sendable {
    // Proof of Sendable: every stored variable is read and written only while `executor.isCurrent`, or by the
    // partition's thread between turns; the accessors that user code reaches check that first.

    package let identity: ExecutionIdentity
    let limits: Limits
    let baseLogger: Logger
    private let orchestrator: RegisteredOrchestrator
    private let executor = DrainedExecutor()

    private(set) var now = Timestamp.zero
    private(set) var isReplaying = false
    private var decisions: [Decision] = []
    private var lastID: Int64 = 0
    private var uuids: UInt64 = 0
    private var generator = SeededGenerator(seed: 0)
    /// What the execution began with.
    private(set) var beginning = ExecutionStart(name: "", input: .null)
    /// Set once the code has asked to continue as new: this is how the execution ends unless the code fails after all.
    private var continuation: Decision?
    /// What history says, changed by what the code has said since.
    private(set) var customStatus = Payload.null
    /// Set once the code has been told to clean up.
    private(set) var cancellation: Cancellation?
    /// The critical section the code is in.
    var section: LockedEntities?
    private var awaits: [TaskID: UnsafeContinuation<Payload, any Error>] = [:]
    /// Newest last: an event goes to the newest waiter of its name.
    private var eventWaiters: [EventWaiter] = []
    /// Canceled before the wait was registered.
    private var canceledEarly: Set<TaskID> = []
    private var isStarted = false
    private var isFinished = false
    private var isEvicted = false
    private var callsAfterEviction = 0

    package init(identity: ExecutionIdentity, orchestrator: RegisteredOrchestrator, limits: Limits, logger: Logger) {
        self.identity = identity
        self.orchestrator = orchestrator
        self.limits = limits
        self.baseLogger = logger
    }

    // MARK: What the engine does

    /// Applies one event and runs the orchestrator until it can run no further.
    package func apply(_ event: HistoryEvent, at time: Timestamp, replaying: Bool) -> Turn {
        now = time
        isReplaying = replaying
        decisions.removeAll(keepingCapacity: true)
        var isExpected = true
        _ = executor.perform {
            isExpected = deliver(event)
        }
        return Turn(decisions: decisions, problem: isExpected ? problem() : Replay.unexpected(event))
    }

    /// Takes the code through one step of history, which also says what the custom status is after it: code whose status
    /// calls were changed patches what was journaled, not what it would have said.
    package func replay(_ step: Replay.Step) -> Turn {
        let turn = apply(step.record.event, at: step.record.time, replaying: true)
        customStatus = step.customStatus
        return turn
    }

    /// The custom status that history says, where that is more than the steps that were replayed.
    package func resume(customStatus: Payload) { self.customStatus = customStatus }

    /// The last number given out: the next generation's numbers continue from it.
    package var lastTask: TaskID { TaskID(lastID) }

    /// Whether the code awaits this task's result or this timer now.
    package func isAwaiting(_ task: TaskID) -> Bool { awaits[task] != nil }

    /// Whether the code awaits an event of this name now.
    package func isAwaiting(event name: String) -> Bool {
        let name = name.lowercased()
        return eventWaiters.contains { $0.name == name }
    }

    /// The names of the events that the code awaits now, as it spells them, longest wait first.
    package var awaitedEvents: [String] { eventWaiters.map(\.event) }

    /// Ends the code without recording anything: its awaits throw, and whatever it does then is ignored.
    ///
    /// Code that swallows the error in a loop is left suspended for good after a bound: it costs memory and nothing
    /// else.
    package func evict() {
        guard isStarted, !isFinished, !isEvicted else { return }
        isEvicted = true
        // Silences the logger: what the code says about its eviction has not happened.
        isReplaying = true
        let waiting = takeWaiting()
        _ = executor.perform(bound: Self.evictionBound) {
            for continuation in waiting { continuation.resume(throwing: SessionEvicted()) }
        }
    }

    /// All that the code awaits, always in the same order; it is no longer awaited.
    private func takeWaiting() -> [UnsafeContinuation<Payload, any Error>] {
        defer { (awaits, eventWaiters) = ([:], []) }
        return awaits.sorted { $0.key < $1.key }.map(\.value) + eventWaiters.map(\.continuation)
    }

    /// Jobs that an evicted session may still run, and durable calls it may still try, before it is left suspended.
    private static let evictionBound = 1_000

    // MARK: A turn

    private func deliver(_ event: HistoryEvent) -> Bool {
        switch event {
        case .executionStarted(let start):
            begin(start)
        case .taskCompleted(let id, let result):
            guard let waiter = awaits.removeValue(forKey: id) else { return false }
            waiter.resume(returning: result)
        case .taskFailed(let id, let failure):
            guard let waiter = awaits.removeValue(forKey: id) else { return false }
            waiter.resume(throwing: failure)
        case .timerFired(let id):
            guard let waiter = awaits.removeValue(forKey: id) else { return false }
            waiter.resume(returning: .null)
        case .eventRaised(let name, let payload):
            let name = name.lowercased()
            guard let index = eventWaiters.lastIndex(where: { $0.name == name }) else { return false }
            eventWaiters.remove(at: index).continuation.resume(returning: payload)
        case .cancelRequested(let cancellation):
            self.cancellation = cancellation
            // Not the task's own cancellation, which would stay: what the code awaits from here on is its clean-up.
            for waiter in takeWaiting() { waiter.resume(throwing: CancellationError()) }
        case .executionScheduled, .executionSuspended, .executionResumed, .executionTerminated, .executionRewound,
            .taskScheduled, .taskStarted, .taskProgressed, .timerCreated, .timerCanceled, .taskAbandoned,
            .messageSent, .customStatusSet, .executionCompleted, .executionFailed, .executionCanceled,
            .executionContinued, .parentNotified, .parentAddressed, .entityRequested, .entityAnswered, .entityStored:
            break
        }
        return true
    }

    private func begin(_ start: ExecutionStart) {
        isStarted = true
        beginning = start
        customStatus = start.customStatus
        lastID = start.lastTask.value
        generator = SeededGenerator(
            seed: DerivedIdentity.randomSeed(
                instance: identity.instance,
                incarnation: identity.incarnation,
                generation: start.generation
            )
        )
        let context = OrchestrationContext(session: self)
        // The task keeps the session, and so the executor, alive for as long as the code runs.
        Task(executorPreference: executor) { [self, orchestrator] in
            let outcome: Decision
            do {
                outcome = .complete(try await orchestrator.run(context, start.input, limits))
            } catch let error as ContinuedAsNew {
                outcome = error.decision
            } catch is CancellationError where cancellation != nil {
                outcome = .cancel
            } catch {
                outcome = .fail(Failure(of: error))
            }
            finish(outcome)
        }
    }

    private func finish(_ outcome: Decision) {
        guard executor.isCurrent else { return }
        isFinished = true
        guard !isEvicted else { return }
        // Code that caught what continueAsNew threw and then returned still meant to continue as new.
        if case .complete = outcome, let continuation { return decisions.append(continuation) }
        decisions.append(outcome)
    }

    func continueAsNew(_ decision: Decision) { continuation = decision }

    private func problem() -> Failure? {
        if executor.hasForeignJobs {
            return Failure(
                type: Failure.Kind.foreignExecutor,
                message: "the orchestrator awaited something that is not durable and was resumed by another thread",
                details: Self.durabilityAdvice,
                isNonRetriable: true
            )
        }
        if decisions.count > limits.decisionsPerTurn {
            return Failure(
                type: Failure.Kind.tooManyDecisions,
                message: "one turn took \(decisions.count) decisions, the limit is \(limits.decisionsPerTurn)",
                isNonRetriable: true
            )
        }
        let bytes = decisions.reduce(0) { $0 + $1.size }
        if bytes > limits.turnBytes {
            return Failure(
                type: Failure.Kind.tooManyDecisions,
                message: "the decisions of one turn have \(bytes) bytes, the limit is \(limits.turnBytes)",
                isNonRetriable: true
            )
        }
        if isStarted, !isFinished, awaits.isEmpty, eventWaiters.isEmpty {
            return Failure(
                type: Failure.Kind.stalled,
                message: """
                    the orchestrator has not finished and is not awaiting anything durable: Task.sleep, an actor, a \
                    callback? Sleep with context.sleep, and let an activity do the rest
                    """,
                details: Self.durabilityAdvice,
                isNonRetriable: true
            )
        }
        return nil
    }

    private static let durabilityAdvice = """
        Await only what the context offers: activities, timers, external events, and async let or task groups around \
        them. Task {}, Task.detached, Task.sleep, @MainActor, networking and files belong into an activity.
        """

    // MARK: What the context does

    /// Runs `body` where the session's state may be touched, or says that the caller is in the wrong place.
    func onExecutor<Value>(_ operation: StaticString, _ body: () throws -> Value) throws -> Value {
        guard executor.isCurrent else { throw OffExecutor(operation: operation) }
        if isEvicted { throw SessionEvicted() }
        return try body()
    }

    /// As ``onExecutor(_:_:)``, for operations that suspend: code that swallows eviction in a loop never returns.
    func schedule<Value>(_ operation: StaticString, _ body: () throws -> Value) async throws -> Value {
        if executor.isCurrent, isEvicted {
            callsAfterEviction += 1
            if callsAfterEviction > Self.evictionBound {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
        }
        return try onExecutor(operation) {
            try Task.checkCancellation()
            return try body()
        }
    }

    func record(_ decision: Decision) {
        if case .setCustomStatus(let status) = decision { customStatus = status }
        decisions.append(decision)
    }

    func nextID() -> TaskID {
        lastID += 1
        return TaskID(lastID)
    }

    func nextUUID() -> [UInt8] {
        uuids += 1
        return DerivedIdentity.uuid(
            instance: identity.instance,
            incarnation: identity.incarnation,
            generation: beginning.generation,
            counter: uuids
        )
    }

    func nextRandom() -> UInt64 { generator.next() }

    /// Suspends until the engine applies the event that answers `id`, or the caller's task is canceled: then it records
    /// `abandoning`.
    func wait(for id: TaskID, abandoning: Decision? = nil) async throws -> Payload {
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                guard canWait(for: id, continuation) else { return }
                awaits[id] = continuation
            }
        } onCancel: {
            cancel(id) { session in
                guard let waiter = session.awaits.removeValue(forKey: id) else { return nil }
                if let abandoning { session.record(abandoning) }
                return waiter
            }
        }
    }

    func waitForEvent(_ name: String) async throws -> Payload {
        let id = try await schedule("waitForEvent") { nextID() }
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                guard canWait(for: id, continuation) else { return }
                eventWaiters.append(EventWaiter(id: id, event: name, continuation: continuation))
            }
        } onCancel: {
            cancel(id) { session in
                guard let index = session.eventWaiters.firstIndex(where: { $0.id == id }) else { return nil }
                return session.eventWaiters.remove(at: index).continuation
            }
        }
    }

    private func canWait(for id: TaskID, _ continuation: UnsafeContinuation<Payload, any Error>) -> Bool {
        guard executor.isCurrent else {
            continuation.resume(throwing: OffExecutor(operation: "await"))
            return false
        }
        if isEvicted {
            continuation.resume(throwing: SessionEvicted())
            return false
        }
        if canceledEarly.remove(id) != nil {
            continuation.resume(throwing: CancellationError())
            return false
        }
        return true
    }

    private func cancel(
        _ id: TaskID,
        _ take: (OrchestrationSession) -> UnsafeContinuation<Payload, any Error>?
    ) {
        guard executor.isCurrent, !isEvicted else { return }
        if let waiter = take(self) {
            waiter.resume(throwing: CancellationError())
        } else {
            canceledEarly.insert(id)
        }
    }
}

/// Thrown by `continueAsNew` to end the orchestrator's function. Not meant to be caught: it happens anyway.
struct ContinuedAsNew: Error { var decision: Decision }

extension Decision {
    /// The bytes of what it carries.
    fileprivate var size: Int {
        switch self {
        case .scheduleTask(let request): request.input.bytes.count
        case .setCustomStatus(let payload), .complete(let payload), .continueAsNew(let payload, _, _):
            payload.bytes.count
        case .send(let message):
            switch message.action {
            case .start(let request): request.input.bytes.count
            case .raiseEvent(_, let payload): payload.bytes.count
            case .operate(let request):
                if case .operation(_, let input) = request.kind { input.bytes.count } else { 0 }
            default: 0
            }
        case .createTimer, .cancelTimer, .abandonTask, .fail, .cancel: 0
        }
    }
}

private struct EventWaiter {
    let id: TaskID
    let event: String
    /// Names are compared case-insensitively.
    let name: String
    let continuation: UnsafeContinuation<Payload, any Error>

    init(id: TaskID, event: String, continuation: UnsafeContinuation<Payload, any Error>) {
        self.id = id
        self.event = event
        self.name = event.lowercased()
        self.continuation = continuation
    }
}

/// Which execution a session runs.
package struct ExecutionIdentity: Sendable, Equatable {
    package var instance: InstanceID
    package var name: String
    package var incarnation: Incarnation

    package init(instance: InstanceID, name: String, incarnation: Incarnation) {
        self.instance = instance
        self.name = name
        self.incarnation = incarnation
    }
}

/// What one event led to.
package struct Turn: Sendable {
    /// In the order they were taken.
    package var decisions: [Decision]
    /// Set when the code did something an orchestrator must not do; ends this instance and no other.
    package var problem: Failure?
}

/// Thrown into an orchestrator that is taken out of memory. Not meant to be caught: whatever the code does then is
/// ignored.
struct SessionEvicted: Error {}

/// The context was used by code that does not run on the orchestrator's executor.
struct OffExecutor: Error, CustomStringConvertible {
    var operation: StaticString
    var description: String {
        """
        \(operation) was called outside the orchestrator's own tasks; use async let or a task group instead of \
        Task {} or Task.detached, and do not hand the context to other actors
        """
    }
}
