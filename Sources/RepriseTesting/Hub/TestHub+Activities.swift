public import Reprise
public import RepriseKernel

extension TestHub {
    // MARK: Stubs

    /// Replaces an activity with a stub.
    ///
    /// ```swift
    /// await hub.stub(CalculateDiscount.self) { userID in 25 }
    /// await hub.stub(Ship.self, taking: .seconds(90)) { order in order.number }
    /// ```
    /// - Parameters:
    ///   - duration: how much simulated time each run takes; the body runs at its end.
    ///   - body: throws what the real one might throw.
    public func stub<A: Activity>(
        _ activity: A.Type,
        taking duration: Duration = .zero,
        _ body: @Sendable @escaping (A.Input) async throws -> A.Output
    ) {
        stub(activity, taking: duration) { input, _ in try await body(input) }
    }

    /// Like ``stub(_:taking:_:)-(A.Type,_,(A.Input)->A.Output)``, for a body that uses the attempt or the idempotency
    /// key.
    public func stub<A: Activity>(
        _ activity: A.Type,
        taking duration: Duration = .zero,
        _ body: @Sendable @escaping (A.Input, ActivityContext) async throws -> A.Output
    ) {
        serve(RegisteredActivity(StubbedActivity<A>(body: body), limits: limits), duration)
    }

    /// As ``stub(_:taking:_:)-(A.Type,_,(A.Input)->A.Output)``, for an activity without a result.
    public func stub<A: Activity>(
        _ activity: A.Type,
        taking duration: Duration = .zero,
        _ body: @Sendable @escaping (A.Input) async throws -> Void
    ) where A.Output == NoValue {
        stub(activity, taking: duration) { input, _ in
            try await body(input)
            return NoValue()
        }
    }

    /// Replaces an activity by name, for example one whose worker is written in another language.
    public func stub(
        _ name: String,
        taking duration: Duration = .zero,
        _ body: @Sendable @escaping (JSON) async throws -> JSON
    ) {
        let limits = limits
        let activity = RegisteredActivity(name: name) { _, input in
            let input = try PayloadCoding.decode(JSON.self, from: input, as: "the input of '\(name)'")
            return try PayloadCoding.encode(
                try await body(input),
                limit: limits.bodyBytes,
                as: "the result of '\(name)'"
            )
        }
        serve(activity, duration)
    }

    /// Answers HTTP requests that orchestrators send with `callHTTP`; an in-memory hub never sends any itself.
    ///
    /// - Parameters:
    ///   - duration: how much simulated time each answer takes.
    ///   - answer: throws when there is no response. A status code that the request wants retried is a failure, as with
    ///     a node.
    public func stubHTTP(
        taking duration: Duration = .zero,
        _ answer: @Sendable @escaping (HTTPCall) async throws -> HTTPCallResult
    ) {
        let limits = limits
        let activity = RegisteredActivity(name: HTTPCall.activityName) { _, input in
            let request = try PayloadCoding.decode(HTTPCall.self, from: input, as: "the request")
            let response = try await answer(request)
            if let failure = request.failure(for: response) { throw failure }
            return try PayloadCoding.encode(response, limit: limits.bodyBytes, as: "the response")
        }
        serve(activity, duration)
    }

    private func serve(_ activity: RegisteredActivity, _ duration: Duration) {
        machine.workers.stub(SimulatedWorkers.Service(activity: activity, duration: duration))
    }

    /// Restores the real activity.
    public func unstub<A: Activity>(_ activity: A.Type) { machine.workers.unstub(A.name) }

    /// Restores the real activity.
    public func unstub(_ name: String) { machine.workers.unstub(name) }

    // MARK: Mishaps

    /// Makes the next attempts of an activity fail before they do anything.
    ///
    /// - Parameters:
    ///   - times: how many of them.
    ///   - attempt: only attempts with this number.
    public func fail<A: Activity>(
        _ activity: A.Type,
        times: Int = 1,
        atAttempt attempt: Int? = nil,
        with failure: Failure = Failure(type: "Arranged", message: "the test makes it fail")
    ) {
        fail(A.name, times: times, atAttempt: attempt, with: failure)
    }

    /// Like ``fail(_:times:atAttempt:with:)-(A.Type,_,_,_)``, by the activity's name.
    public func fail(
        _ name: String,
        times: Int = 1,
        atAttempt attempt: Int? = nil,
        with failure: Failure = Failure(type: "Arranged", message: "the test makes it fail")
    ) {
        machine.workers.fail(name, times: times, attempt: attempt, failure)
    }

    /// Makes the workers of an activity's next runs die after doing the work and before answering: each task goes to
    /// another worker, with the same idempotency key. After ten deaths the attempt fails.
    ///
    /// - Parameters:
    ///   - times: how many of them.
    ///   - attempt: only runs of attempts with this number.
    public func loseWorkers<A: Activity>(of activity: A.Type, times: Int = 1, atAttempt attempt: Int? = nil) {
        loseWorkers(of: A.name, times: times, atAttempt: attempt)
    }

    /// Like ``loseWorkers(of:times:atAttempt:)-(A.Type,_,_)``, by the activity's name.
    public func loseWorkers(of name: String, times: Int = 1, atAttempt attempt: Int? = nil) {
        machine.workers.loseWorkers(of: name, times: times, attempt: attempt)
    }

    /// Keeps workers from taking tasks of an activity until ``release(_:)-(A.Type)``, for example so that they time
    /// out.
    public func hold<A: Activity>(_ activity: A.Type) { machine.workers.hold(A.name) }

    /// Like ``hold(_:)-(A.Type)``, by the activity's name.
    public func hold(_ name: String) { machine.workers.hold(name) }

    /// Lets workers take tasks of an activity again, starting with those that wait.
    public func release<A: Activity>(_ activity: A.Type) async throws { try await release(A.name) }

    /// Like ``release(_:)-(A.Type)``, by the activity's name.
    public func release(_ name: String) async throws {
        machine.workers.release(name)
        try await settle()
    }

    // MARK: What was done

    /// Every run of every activity, in the order they began.
    public var calls: [ActivityCall] { machine.workers.calls }

    /// Every run of an activity, in the order they began.
    public func calls<A: Activity>(of activity: A.Type) -> [ActivityCall] { calls(of: A.name) }

    /// Every run of an activity, in the order they began.
    public func calls(of name: String) -> [ActivityCall] { calls.filter { $0.name == name } }
}

/// A stub with the name of another activity.
private struct StubbedActivity<Original: Activity>: Activity {
    let body: @Sendable (Original.Input, ActivityContext) async throws -> Original.Output

    static var name: String { Original.name }

    func run(_ context: ActivityContext, input: Original.Input) async throws -> Original.Output {
        try await body(input, context)
    }
}
