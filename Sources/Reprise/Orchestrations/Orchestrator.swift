package import RepriseKernel

/// A durable orchestration, written as an ordinary async function.
///
/// Every step that `run` takes through its context is recorded. When the process dies, another replays the
/// record and continues where it stopped, so the code must decide the same way every time it is replayed. What that
/// means is explained in the article *Rules for Orchestrator Code*.
///
/// A thrown error ends the orchestration as Failed, with the error as its ``Failure``.
public protocol Orchestrator: Sendable {
    /// What a start passes, at most 1 MiB as JSON.
    associatedtype Input: Decodable & Sendable
    /// What it returns in the end, at most 1 MiB as JSON. Nothing unless `run` returns something.
    associatedtype Output: Encodable & Sendable = NoValue
    /// The type of its custom status: declare a type with this name, and ``setStatus(_:in:)`` accepts nothing else. Any
    /// JSON by default.
    associatedtype Status: Codable & Sendable = JSON

    /// The name that start messages use: at most 128 bytes of UTF-8. Defaults to the type's own name.
    static var name: String { get }

    /// The schema of its input, from which the gateway's page makes the form of a start. Derived from ``Input`` by default,
    /// as far as ``JSONSchema/init(of:)`` can; nil when there is nothing to say. Shown by `GET /orchestrators`.
    static var inputSchema: JSONSchema? { get }

    /// The schema of its custom status, shown by `GET /orchestrators`. Derived from ``Status`` by default, as far as
    /// ``JSONSchema/init(of:)`` can; nil when there is nothing to say.
    static var statusSchema: JSONSchema? { get }

    /// The events it takes, of which each has one shape: what is raised under one of these names and is another shape, is
    /// refused at every door. Events that are not listed are taken as they come. None unless given.
    static var events: [any ExternalEvent.Type] { get }

    /// How long its code may take to clean up after it was canceled, from when it is told, unless the request says
    /// otherwise: up to 366 days. Then it is ended as Canceled, wherever its code is. 30 minutes unless given, which is as
    /// long as one activity may take where RabbitMQ's `consumer_timeout` is its default.
    static var gracePeriod: Duration { get }

    /// The orchestrator's code, from start to end; replayed after a crash. It may wait only for what the context
    /// offers.
    func run(_ context: OrchestrationContext, input: Input) async throws -> Output

    /// The code, for an orchestrator without a result: write this one or the other.
    func run(_ context: OrchestrationContext, input: Input) async throws
}

extension Orchestrator where Output == NoValue {
    /// Runs the code of an orchestrator without a result.
    @_disfavoredOverload
    public func run(_ context: OrchestrationContext, input: Input) async throws -> NoValue {
        try await run(context, input: input) as Void
        return NoValue()
    }

    /// An orchestrator without any `run` of its own does not compile.
    @available(*, unavailable, message: "write func run(_ context: OrchestrationContext, input: …) async throws")
    @_disfavoredOverload
    public func run(_ context: OrchestrationContext, input: Input) async throws {}
}

extension Orchestrator {
    /// The name of the type itself.
    public static var name: String { String(describing: Self.self) }

    /// Not called: the orchestrator has a result, and a `run` of its own that returns it.
    @_disfavoredOverload
    public func run(_ context: OrchestrationContext, input: Input) async throws {}

    /// 30 minutes.
    public static var gracePeriod: Duration { Cancellation.standardGrace }

    /// None.
    public static var events: [any ExternalEvent.Type] { [] }

    /// As much as decoding an ``Input`` reveals.
    public static var inputSchema: JSONSchema? { JSONSchema(revealedBy: Input.self) }

    /// As much as decoding a ``Status`` reveals.
    public static var statusSchema: JSONSchema? { JSONSchema(revealedBy: Status.self) }

    /// Sets the custom status, with the type that this orchestrator has declared.
    ///
    /// ```swift
    /// struct Shipping: Orchestrator {
    ///     struct Status: Codable {
    ///         var stage: String
    ///         var packed: Int
    ///     }
    ///
    ///     func run(_ context: OrchestrationContext, input: [String]) async throws {
    ///         try setStatus(Status(stage: "packing", packed: 0), in: context)
    ///     }
    /// }
    /// ```
    /// It is `OrchestrationContext.setCustomStatus` in all else, its errors included.
    public func setStatus(_ status: Status, in context: OrchestrationContext) throws {
        try context.setCustomStatus(status)
    }

    /// Changes the custom status, with the type that this orchestrator has declared.
    ///
    /// ```swift
    /// try updateStatus(in: context) { $0.packed += 1 }
    /// ```
    /// It begins with what history says the status is, including one that came with the start or from a previous
    /// generation. Members that the type does not have are gone afterwards; ``OrchestrationContext/patchCustomStatus(_:)-(JSON)``
    /// keeps them.
    ///
    /// - Throws: ``Failure`` of type `UnreadablePayload` when there is no status yet, or one that is not a ``Status``; what
    ///   `change` throws; otherwise as ``setStatus(_:in:)``. The previous status stays then.
    public func updateStatus(in context: OrchestrationContext, _ change: (inout Status) throws -> Void) throws {
        let former = try context.session.onExecutor("updateStatus") { context.session.customStatus }
        var status = try PayloadCoding.decode(Status.self, from: former, as: "the custom status")
        try change(&status)
        try setStatus(status, in: context)
    }
}

/// An orchestrator as the engine runs it: names and payloads, no types.
package struct RegisteredOrchestrator: Sendable {
    package let name: String
    package let typeName: String
    /// The type of its input, as JSON Schema.
    package let inputSchema: Payload?
    /// The declared type of its custom status, as JSON Schema.
    package let statusSchema: Payload?
    /// The events that it declares.
    package let events: [DeclaredEvent]
    /// The types it declares of which no schema can be made, each with what it is for.
    package let undescribed: [String]
    /// For clean-up, when a request to cancel names no other.
    package let gracePeriod: Duration
    let run: @Sendable (OrchestrationContext, Payload, Limits) async throws -> Payload

    package init<O: Orchestrator>(_ orchestrator: O) {
        name = O.name
        typeName = String(reflecting: O.self)
        // A schema is JSON, which can be written.
        inputSchema = O.inputSchema.flatMap { try? PayloadCoding.encode($0.json, as: "a schema") }
        statusSchema = O.statusSchema.flatMap { try? PayloadCoding.encode($0.json, as: "a schema") }
        gracePeriod = max(.zero, min(O.gracePeriod, Cancellation.longestGrace))
        events = O.events.map { DeclaredEvent($0) }
        let status = O.Status.self == JSON.self || statusSchema != nil ? [] : ["its status, \(O.Status.self)"]
        undescribed = status + events.filter { $0.schema == nil }.map { "its event '\($0.name)'" }
        run = { context, input, limits in
            let input = try PayloadCoding.decode(O.Input.self, from: input, as: "the input")
            let output: O.Output = try await orchestrator.run(context, input: input)
            return try PayloadCoding.encode(output, limit: limits.bodyBytes, as: "the output")
        }
    }

    /// Why an event cannot be for this code; nil for one that it does not declare.
    package func refusal(of event: String, _ payload: Payload) -> Rejection? {
        let name = event.lowercased()
        guard let declared = events.first(where: { $0.name.lowercased() == name }) else { return nil }
        do throws(Failure) {
            try declared.check(payload)
            return nil
        } catch {
            return Rejection(.invalid, error.message)
        }
    }
}
