public import Logging
public import RepriseKernel

/// A piece of real work: anything with side effects, run at least once by whichever worker takes it.
///
/// A crash, a lost connection or a slow acknowledgement can run it again with the same
/// ``ActivityContext/idempotencyKey``; use the key to make the effect happen only once.
public protocol Activity: ActivityContainer {
    /// What an orchestrator passes, at most 1 MiB as JSON.
    associatedtype Input: Codable & Sendable
    /// What the orchestrator gets back, at most 1 MiB as JSON. Nothing unless `run` returns something.
    associatedtype Output: Codable & Sendable = NoValue

    /// The name of its queue: at most 128 bytes of UTF-8. Defaults to the type's own name.
    static var name: String { get }

    /// The retry policy and the time-outs of a call that gives none. Defaults to one attempt without a limit.
    static var options: ActivityOptions { get }

    /// - Throws: any error; it becomes the ``Failure`` of this attempt. Throw a ``Failure`` to choose its type and
    ///   message, or to forbid further attempts; throw `CancellationError` to report that the work was canceled.
    func run(_ context: ActivityContext, input: Input) async throws -> Output

    /// The work, for an activity without a result: write this one or the other.
    func run(_ context: ActivityContext, input: Input) async throws
}

extension Activity {
    /// The name of the type itself.
    public static var name: String { String(describing: Self.self) }

    /// One attempt, without a limit.
    public static var options: ActivityOptions { ActivityOptions() }

    /// Not called: the activity has a result, and a `run` of its own that returns it.
    @_disfavoredOverload
    public func run(_ context: ActivityContext, input: Input) async throws {}
}

extension Activity where Output == NoValue {
    /// Does the work of an activity without a result.
    @_disfavoredOverload
    public func run(_ context: ActivityContext, input: Input) async throws -> NoValue {
        try await run(context, input: input) as Void
        return NoValue()
    }

    /// An activity without any `run` of its own does not compile.
    @available(*, unavailable, message: "write func run(_ context: ActivityContext, input: …) async throws")
    @_disfavoredOverload
    public func run(_ context: ActivityContext, input: Input) async throws {}
}

/// What an activity knows about the call it serves.
public struct ActivityContext: Sendable {
    /// The orchestration that called it.
    public let instanceID: InstanceID
    /// The same for every attempt and every redelivery of one call.
    public let idempotencyKey: String
    /// Starts at 1; counted by the orchestrator's retry policy.
    public let attempt: Int
    /// Writes to the worker's log, each line with the instance and the activity.
    public let logger: Logger
    private let progress: Payload?
    private let report: @Sendable (Payload) -> Void

    package init(
        instanceID: InstanceID,
        idempotencyKey: String,
        attempt: Int,
        progress: Payload? = nil,
        logger: Logger,
        report: @escaping @Sendable (Payload) -> Void = { _ in }
    ) {
        self.progress = progress
        self.report = report
        self.instanceID = instanceID
        self.idempotencyKey = idempotencyKey
        self.attempt = attempt
        self.logger = logger
    }

    /// True when the worker is stopping, or nobody waits for the result any longer: finish or throw `CancellationError`
    /// soon. A task that is not finished in time goes back to its queue and runs again elsewhere.
    public var isCanceled: Bool { Task.isCancelled }

    /// Reports how far the work has got: anything `Encodable`, shown beside the orchestration's status with the
    /// activity, the attempt and the time.
    ///
    /// ```swift
    /// for (number, page) in pages.enumerated() {
    ///     try context.reportProgress(["page": number, "of": pages.count])
    ///     try await scan(page)
    /// }
    /// ```
    /// Call it as often as you like: it returns at once, and at most five reports a second leave the worker, always the
    /// latest. The orchestration neither waits for them nor ever sees them. A report lost on the way, or with a process, is
    /// not sent again; when the attempt ends, its progress is forgotten.
    ///
    /// With a limit for its ``ActivityOptions/heartbeat``, each report also keeps the attempt alive, and the last one is
    /// handed to the next attempt: ``lastProgress(as:)``.
    ///
    /// - Throws: ``Failure`` of type `PayloadTooLarge` over 16,384 bytes of JSON, of type `UnreadablePayload` for what JSON
    ///   cannot hold. Nothing is reported then, and the work may continue.
    public func reportProgress(_ value: some Encodable) throws {
        report(try PayloadCoding.encode(value, limit: Limits().progressBytes, as: "the progress"))
    }

    /// How far an earlier run of this call had got: what it reported last, or nil if there was none, or it reported
    /// nothing.
    ///
    /// ```swift
    /// var page = try context.lastProgress(as: Int.self) ?? 0
    /// while page < book.pages {
    ///     try await scan(page)
    ///     page += 1
    ///     try context.reportProgress(page)
    /// }
    /// ```
    /// Only where a limit for the ``ActivityOptions/heartbeat`` is given: elsewhere progress is for people, and not kept. The
    /// earlier run may have got further than it could report, and it may still be running.
    ///
    /// - Throws: ``Failure`` of type `UnreadablePayload` when it is not a `Value`.
    public func lastProgress<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value? {
        guard let progress else { return nil }
        return try PayloadCoding.decode(type, from: progress, as: "the last progress")
    }

    /// Like ``reportProgress(_:)-(Encodable)``, for values that are written as they are: `["page": 3, "note":
    /// "scanned"]`.
    public func reportProgress(_ value: JSON) throws {
        report(try PayloadCoding.encode(value, limit: Limits().progressBytes, as: "the progress"))
    }
}

/// An activity as a worker runs it: names and payloads, no types.
package struct RegisteredActivity: Sendable {
    package let name: String
    package let typeName: String
    package let run: @Sendable (ActivityContext, Payload) async throws -> Payload

    package init(name: String, run: @Sendable @escaping (ActivityContext, Payload) async throws -> Payload) {
        self.name = name
        typeName = "a function"
        self.run = run
    }

    package init<A: Activity>(_ activity: A, limits: Limits) {
        name = A.name
        typeName = String(reflecting: A.self)
        run = { context, input in
            let input = try PayloadCoding.decode(A.Input.self, from: input, as: "the input of '\(A.name)'")
            let output: A.Output = try await activity.run(context, input: input)
            return try PayloadCoding.encode(output, limit: limits.bodyBytes, as: "the result of '\(A.name)'")
        }
    }
}
