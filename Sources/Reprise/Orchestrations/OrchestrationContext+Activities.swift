public import RepriseKernel

extension OrchestrationContext {
    /// Runs an activity and waits for its result. It runs at least once, on whichever worker takes it.
    ///
    /// - Parameter retry: how to go on after a failure; none by default.
    /// - Throws: ``ActivityFailed`` when the last attempt failed; ``Failure`` when the input is too large or cannot be
    ///   written as JSON; `CancellationError` when the calling task is canceled, for example as the loser of a race:
    ///   the activity then runs on, and its result is dropped.
    public func call<A: Activity>(
        _ activity: A.Type,
        _ input: A.Input,
        retry: RetryPolicy? = nil
    ) async throws -> A.Output {
        try await call(A.name, input, returning: A.Output.self, retry: retry)
    }

    /// Runs an activity by its name, as one does whose worker is written in another language.
    public func call<Output: Decodable>(
        _ name: String,
        _ input: some Encodable,
        returning type: Output.Type = Output.self,
        retry: RetryPolicy? = nil
    ) async throws -> Output {
        try RegisteredName.check(name, of: "an activity's name")
        let input = try PayloadCoding.encode(input, limit: session.limits.bodyBytes, as: "the input of '\(name)'")
        let result = try await attempts(at: name, input: input, retry: retry)
        return try PayloadCoding.decode(type, from: result, as: "the result of '\(name)'")
    }

    private func attempts(at name: String, input: Payload, retry: RetryPolicy?) async throws -> Payload {
        let began = session.now
        var attempt = 1
        var first: TaskID?
        while true {
            let id = try await session.schedule("call") {
                let id = session.nextID()
                session.record(
                    .scheduleTask(id, name: name, input: input, attempt: attempt, firstAttempt: first ?? id)
                )
                return id
            }
            first = first ?? id
            do {
                return try await session.wait(for: id)
            } catch let failure as Failure {
                guard let delay = retry?.delay(after: attempt, failure: failure, began: began, now: session.now) else {
                    throw ActivityFailed(activity: name, attempts: attempt, failure: failure)
                }
                try await sleep(for: delay)
                attempt += 1
            }
        }
    }
}

/// An activity failed, and no retry policy went on.
public struct ActivityFailed: Error, Sendable, CustomStringConvertible {
    public let activity: String
    /// How often it was tried.
    public let attempts: Int
    /// Why the last attempt failed.
    public let failure: Failure

    public var description: String {
        let tries = attempts == 1 ? "" : " (\(attempts) attempts)"
        return "The activity '\(activity)' failed\(tries): \(failure.message)"
    }
}
