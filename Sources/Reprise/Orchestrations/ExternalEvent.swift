import RepriseKernel

/// An external event with a type: what someone outside tells an orchestration that waits for it.
///
/// ```swift
/// struct Approval: ExternalEvent {
///     var by: String
///     var isGranted: Bool
/// }
///
/// struct Purchase: Orchestrator {
///     static let events: [any ExternalEvent.Type] = [Approval.self]
///
///     func run(_ context: OrchestrationContext, input: String) async throws -> Bool {
///         try await context.wait(for: Approval.self, timeout: .days(3)).isGranted
///     }
/// }
/// ```
/// An orchestrator that lists it among its ``Orchestrator/events`` is never sent another shape under its name, through
/// whichever door: the caller is refused, with a sentence, and the orchestration waits on.
public protocol ExternalEvent: Codable, Sendable {
    /// The name it is raised by: at most 128 bytes of UTF-8, compared without regard to case. Defaults to the type's
    /// own name.
    static var name: String { get }
}

extension ExternalEvent {
    /// The name of the type itself.
    public static var name: String { String(describing: Self.self) }
}

extension OrchestrationContext {
    /// Waits for an external event; see ``waitForEvent(_:as:)``.
    public func wait<Event: ExternalEvent>(for event: Event.Type) async throws -> Event {
        try await waitForEvent(Event.name, as: event)
    }

    /// Waits for an external event, but no longer than `timeout`; see ``waitForEvent(_:as:timeout:)``.
    ///
    /// - Throws: ``EventTimeout`` when it did not come in time; an event that comes later is kept for a later wait.
    public func wait<Event: ExternalEvent>(for event: Event.Type, timeout: Duration) async throws -> Event {
        try await waitForEvent(Event.name, as: event, timeout: timeout)
    }

    /// Raises an event of another orchestration; see ``sendEvent(_:_:to:)``.
    public func send<Event: ExternalEvent>(_ event: Event, to instance: some InstanceIDConvertible) throws {
        try sendEvent(Event.name, event, to: instance)
    }
}

extension OrchestrationClient {
    /// Raises an external event. It is kept until the orchestrator waits for it.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `tooManyPending`; `invalid` when the orchestrator declares another
    ///   shape for its name.
    public func raise<Event: ExternalEvent>(_ event: Event, to id: some InstanceIDConvertible) async throws {
        try await raiseEvent(Event.name, event, to: try id.checkedID())
    }
}

extension RaisedEvent {
    /// An event with a type.
    public init<Event: ExternalEvent>(_ event: Event) { self.init(Event.name, event) }
}

/// An event as the engine checks it: a name and a shape, no type.
package struct DeclaredEvent: Sendable {
    /// As the code spells it.
    package let name: String
    /// What it looks like, as JSON Schema; nil where the type says nothing.
    package let schema: Payload?
    private let decode: @Sendable (Payload) throws(Failure) -> Void

    init<Event: ExternalEvent>(_ event: Event.Type) {
        let name = Event.name
        self.name = name
        let schema = JSONSchema(of: event)
        // A schema is JSON, which can be written.
        self.schema = schema.isEmpty ? nil : try? PayloadCoding.encode(schema.json, as: "a schema")
        decode = { payload throws(Failure) in
            _ = try PayloadCoding.decode(Event.self, from: payload, as: "the data of event '\(name)'")
        }
    }

    /// - Throws: ``Failure`` that says where it is of another shape.
    package func check(_ payload: Payload) throws(Failure) { try decode(payload) }
}
