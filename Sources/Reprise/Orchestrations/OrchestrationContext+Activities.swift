public import RepriseKernel

extension OrchestrationContext {
    /// Runs an activity and waits for its result. It runs at least once, on whichever worker takes it.
    ///
    /// - Parameters:
    ///   - retry: the retry policy; that of the activity's ``Activity/options`` by default.
    ///   - scheduleToStart: how long an attempt may wait for a worker; as the activity's options say by default.
    ///   - startToClose: how long a worker may take for an attempt; as the activity's options say by default. The
    ///     worker's task is then canceled. Both limits are durable timers: never early, and correct across restarts.
    ///   - heartbeat: how long an attempt may go without reporting progress; as the activity's options say by default. See
    ///     ``ActivityOptions/heartbeat``.
    /// - Throws: ``ActivityFailed`` when the last attempt failed; ``Failure`` when the input is too large or cannot be
    ///   written as JSON; `CancellationError` when the calling task is canceled, for example as the loser of a race:
    ///   the activity then keeps running, and its result is dropped. So it is when the orchestration is canceled, but
    ///   then its worker is told.
    @discardableResult
    public func call<A: Activity>(
        _ activity: A.Type,
        _ input: A.Input,
        retry: RetryPolicy? = nil,
        scheduleToStart: Duration? = nil,
        startToClose: Duration? = nil,
        heartbeat: Duration? = nil
    ) async throws -> A.Output {
        try await call(
            A.name,
            input,
            returning: A.Output.self,
            retry: retry ?? A.options.retry,
            scheduleToStart: scheduleToStart ?? A.options.scheduleToStart,
            startToClose: startToClose ?? A.options.startToClose,
            heartbeat: heartbeat ?? A.options.heartbeat
        )
    }

    /// Runs an activity by name, for example one whose worker is written in another language: once and without a limit,
    /// unless it is told otherwise. What returns nothing is called with `returning: NoValue.self`.
    @discardableResult
    public func call<Output: Decodable>(
        _ name: String,
        _ input: some Encodable,
        returning type: Output.Type = Output.self,
        retry: RetryPolicy? = nil,
        scheduleToStart: Duration? = nil,
        startToClose: Duration? = nil,
        heartbeat: Duration? = nil
    ) async throws -> Output {
        try RegisteredName.check(name, of: "an activity's name")
        let input = try PayloadCoding.encode(input, limit: session.limits.bodyBytes, as: "the input of '\(name)'")
        let timeouts = TaskTimeouts(
            scheduleToStart: scheduleToStart,
            startToClose: startToClose,
            heartbeat: heartbeat
        )
        let result = try await attempts(retry) { id, attempt, first in
            TaskRequest(
                id: id,
                name: name,
                input: input,
                timeouts: timeouts,
                attempt: attempt,
                firstAttempt: first
            )
        } failed: { attempts, failure in
            ActivityFailed(activity: name, attempts: attempts, failure: failure)
        }
        return try PayloadCoding.decode(type, from: result, as: "the result of '\(name)'")
    }

    /// Tries until an attempt succeeds or the policy allows no more.
    func attempts(
        _ retry: RetryPolicy?,
        parentClose: ParentClosePolicy = .abandon,
        _ request: (_ id: TaskID, _ attempt: Int, _ first: TaskID) throws -> TaskRequest,
        failed: (_ attempts: Int, Failure) -> any Error
    ) async throws -> Payload {
        let began = session.now
        var attempt = 1
        var first: TaskID?
        while true {
            let id = try await session.schedule("call") {
                let id = session.nextID()
                session.record(.scheduleTask(try request(id, attempt, first ?? id)))
                return id
            }
            first = first ?? id
            do {
                return try await session.wait(for: id, abandoning: parentClose == .abandon ? nil : .abandonTask(id))
            } catch let failure as Failure {
                guard let delay = retry?.delay(after: attempt, failure: failure, began: began, now: session.now) else {
                    throw failed(attempt, failure)
                }
                try await sleep(for: delay)
                attempt += 1
            }
        }
    }
}

/// An activity failed, and no retry policy allowed another attempt.
public struct ActivityFailed: Error, Sendable, CustomStringConvertible {
    /// The name of the activity.
    public let activity: String
    /// How many times it was attempted.
    public let attempts: Int
    /// Why the last attempt failed.
    public let failure: Failure

    public var description: String {
        let tries = attempts == 1 ? "" : " (\(attempts) attempts)"
        return "The activity '\(activity)' failed\(tries): \(failure.message)"
    }
}
