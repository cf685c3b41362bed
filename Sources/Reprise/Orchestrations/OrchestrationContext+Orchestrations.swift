public import Foundation
public import RepriseKernel

extension OrchestrationContext {
    /// Runs another orchestration as a part of this one and waits for its output.
    ///
    /// It lives in its own partition, with its own history and custom status, and clients can use it like any other.
    /// When this one waits for it no longer, it goes on, unless `parentClose` says otherwise or whoever cancels or
    /// terminates this one asks for the children, too.
    ///
    /// - Parameters:
    ///   - id: the id to start it under; derived from this instance's by default. When an instance that has not ended
    ///     has that id, the call fails.
    ///   - version: the version of its code; the node's own by default.
    ///   - tags: kept with it, beside this instance's own tags.
    ///   - parentClose: what becomes of it when nobody waits for it any more: when this one ends in whatever way, is
    ///     canceled, continues as new, or gives up the call. What has ended so, a rewind of this one does not bring back.
    /// - Throws: ``SubOrchestrationFailed`` when it failed, was canceled or terminated, or could not be started;
    ///   ``Failure`` when the input is too large or cannot be written as JSON; `CancellationError` when this one, or the
    ///   calling task, is canceled: its output is then dropped.
    @discardableResult
    public func callOrchestrator<O: Orchestrator>(
        _ orchestrator: O.Type,
        _ input: O.Input,
        id: (any InstanceIDConvertible)? = nil,
        retry: RetryPolicy? = nil,
        version: String? = nil,
        tags: [String: String] = [:],
        parentClose: ParentClosePolicy = .abandon
    ) async throws -> O.Output where O.Input: Encodable, O.Output: Decodable {
        try await callOrchestrator(
            O.name,
            input,
            returning: O.Output.self,
            id: id,
            retry: retry,
            version: version,
            tags: tags,
            parentClose: parentClose
        )
    }

    /// Runs another orchestration by its name. One without a result returns `NoValue`.
    @discardableResult
    public func callOrchestrator<Output: Decodable>(
        _ name: String,
        _ input: some Encodable,
        returning type: Output.Type = Output.self,
        id: (any InstanceIDConvertible)? = nil,
        retry: RetryPolicy? = nil,
        version: String? = nil,
        tags: [String: String] = [:],
        parentClose: ParentClosePolicy = .abandon
    ) async throws -> Output {
        try RegisteredName.check(name, of: "an orchestrator's name")
        let id: InstanceID? = try id?.instanceID()
        guard id != instanceID, id == nil || id != session.beginning.traits.parent else {
            throw Failure(
                type: Failure.Kind.notStarted,
                message:
                    "a sub-orchestration cannot have the id of the orchestration that calls it, or of its parent",
                isNonRetriable: true
            )
        }
        guard session.section == nil else { throw LockingRulesViolation.subOrchestration }
        let input = try PayloadCoding.encode(input, limit: session.limits.bodyBytes, as: "the input of '\(name)'")
        let tags = try merged(tags)
        var called = id
        let result = try await attempts(retry, parentClose: parentClose) { task, attempt, first in
            let child =
                id ?? DerivedIdentity.child(of: instanceID, incarnation: session.identity.incarnation, task: task)
            called = child
            return TaskRequest(
                id: task,
                name: name,
                input: input,
                target: .orchestration(child, version: version, tags: tags, takesUp: false, parentClose: parentClose),
                attempt: attempt,
                firstAttempt: first
            )
        } failed: { attempts, failure in
            SubOrchestrationFailed(orchestrator: name, id: called, attempts: attempts, failure: failure)
        }
        return try PayloadCoding.decode(type, from: result, as: "the output of '\(name)'")
    }

    /// Starts another orchestration and does not wait for it: nothing comes back, not even that it could not start (the
    /// start then becomes a dead letter). It stands alone: what becomes of this one is nothing to it.
    ///
    /// - Parameters:
    ///   - time: the earliest time; at once by default.
    ///   - customStatus: its custom status until its code sets another.
    /// - Returns: the id it is started under: `id`, or one derived from this instance's.
    /// - Throws: ``Failure`` of type `PayloadTooLarge` when the custom status is over the hub's limit.
    @discardableResult
    public func startOrchestrator<O: Orchestrator>(
        _ orchestrator: O.Type,
        _ input: O.Input,
        id: (any InstanceIDConvertible)? = nil,
        at time: Date? = nil,
        version: String? = nil,
        tags: [String: String] = [:],
        customStatus: (any Encodable)? = nil
    ) throws -> InstanceID where O.Input: Encodable {
        try startOrchestrator(
            O.name,
            input,
            id: id,
            at: time,
            version: version,
            tags: tags,
            customStatus: customStatus
        )
    }

    /// Starts another orchestration by its name and does not wait for it.
    @discardableResult
    public func startOrchestrator(
        _ name: String,
        _ input: some Encodable,
        id: (any InstanceIDConvertible)? = nil,
        at time: Date? = nil,
        version: String? = nil,
        tags: [String: String] = [:],
        customStatus: (any Encodable)? = nil
    ) throws -> InstanceID {
        try RegisteredName.check(name, of: "an orchestrator's name")
        let input = try PayloadCoding.encode(input, limit: session.limits.bodyBytes, as: "the input of '\(name)'")
        let tags = try merged(tags)
        let status = try customStatus.map { try PayloadCoding.encode($0, as: "the custom status of '\(name)'") }
        try session.limits.check(customStatus: status ?? .null)
        let id: InstanceID? = try id?.instanceID()
        return try session.onExecutor("startOrchestrator") {
            let task = session.nextID()
            let id = id ?? DerivedIdentity.child(of: instanceID, incarnation: session.identity.incarnation, task: task)
            let request = StartRequest(
                orchestrator: name,
                input: input,
                version: version,
                tags: tags,
                startTime: time.map { Timestamp(rounding: $0) },
                customStatus: status
            )
            session.record(.send(SentMessage(id: task, to: id, action: .start(request))))
            return id
        }
    }

    /// Raises an event for another orchestration. It is delivered once; if no instance can receive it, it becomes a
    /// dead letter.
    public func sendEvent(_ name: String, _ data: some Encodable, to instance: some InstanceIDConvertible) throws {
        let instance: InstanceID = try instance.instanceID()
        try RegisteredName.check(name, of: "an event's name")
        let payload = try PayloadCoding.encode(
            data,
            limit: session.limits.bodyBytes,
            as: "the data of event '\(name)'"
        )
        try session.onExecutor("sendEvent") {
            let message = SentMessage(id: session.nextID(), to: instance, action: .raiseEvent(name: name, payload))
            session.record(.send(message))
        }
    }

    /// Ends this generation of the orchestration and begins the next under the same id: with another input and an empty
    /// history, so that an orchestration that runs forever stays small.
    ///
    /// Custom status, tags, version, creation time and whatever waits for the output are kept. Pending timers leave no
    /// event; results of tasks still running are dropped.
    ///
    /// ```swift
    /// try context.continueAsNew(input + 1)
    /// ```
    ///
    /// It never returns: it throws what ends the orchestrator's function. If code catches that and returns, the
    /// orchestration still continues as new; if it then throws another error, the orchestration fails.
    ///
    /// - Parameters:
    ///   - keepingEvents: whether unread events are kept for the next generation.
    ///   - version: the version for later generations.
    public func continueAsNew(
        _ input: some Encodable,
        keepingEvents: Bool = true,
        version: String? = nil
    ) throws -> Never {
        let payload = try PayloadCoding.encode(input, limit: session.limits.bodyBytes, as: "the next input")
        let decision = Decision.continueAsNew(input: payload, keepsEvents: keepingEvents, version: version)
        try session.onExecutor("continueAsNew") { session.continueAsNew(decision) }
        throw ContinuedAsNew(decision: decision)
    }

    /// This instance's own tags, and over them `tags`.
    private func merged(_ tags: [String: String]) throws -> [String: String] {
        let all = self.tags.merging(tags) { $1 }
        try session.limits.check(tags: all)
        return all
    }
}

/// A sub-orchestration failed, was canceled or terminated, or could not be started, and no retry policy allowed another
/// attempt.
public struct SubOrchestrationFailed: Error, Sendable, CustomStringConvertible {
    /// The name of its orchestrator.
    public let orchestrator: String
    /// The instance of the last attempt.
    public let id: InstanceID?
    /// How many times it was attempted.
    public let attempts: Int
    /// Why the last attempt failed.
    public let failure: Failure

    public var description: String {
        let tries = attempts == 1 ? "" : " (\(attempts) attempts)"
        return "The sub-orchestration '\(orchestrator)' failed\(tries): \(failure.message)"
    }
}
