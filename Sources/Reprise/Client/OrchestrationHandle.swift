public import RepriseKernel

/// An orchestration that a client has started, with the types of its code: what it says about itself, what it returns,
/// and the events it takes.
///
/// ```swift
/// let order = try await client.start(OrderProcess.self, input, id: "order-\(number)")
/// for try await status in order.statuses {
///     print(try status.customStatus?.stage ?? "waiting")
/// }
/// let receipt = try await order.result()
/// ```
/// It holds nothing but the id and the client. Drop it, and the orchestration goes on; ask for another with
/// ``OrchestrationClient/handle(of:id:)``. It stands for its id wherever one is asked for.
public struct OrchestrationHandle<Started: Orchestrator, Client: OrchestrationClient>: InstanceIDConvertible {
    /// The instance.
    public let id: InstanceID
    /// Whom it asks.
    public let client: Client

    init(id: InstanceID, client: Client) {
        self.id = id
        self.client = client
    }

    /// The instance.
    public func instanceID() -> InstanceID { id }

    // MARK: Looking on

    /// Where it stands now.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when it was purged.
    public func status() async throws -> TypedStatus<Started> { TypedStatus(try await client.status(of: id)) }

    /// Where it stands, then each change that can be seen from here, at last its end; see
    /// ``OrchestrationClient/statuses(of:)-(InstanceID)``.
    public var statuses: TypedStatuses<Started, Client.StatusSequence> { TypedStatuses(client.statuses(of: id)) }

    /// Every change of it, from the first or from a revision on; see
    /// ``OrchestrationClient/changes(of:after:)-(InstanceID,_)``.
    public func changes(after revision: Revision? = nil) -> Client.ChangeSequence {
        client.changes(of: id, after: revision)
    }

    /// Waits until it ends, however it does, and says where it stands then.
    ///
    /// - Parameter timeout: how long to wait; forever when nil. The orchestration keeps running either way.
    /// - Throws: ``ResultTimedOut``, or ``RepriseError``: `unknownInstance` also when it is purged meanwhile.
    @discardableResult
    public func end(timeout: Duration? = nil) async throws -> TypedStatus<Started> {
        TypedStatus(try await client.end(of: id, timeout: timeout))
    }

    /// Waits until it ends, and gives what it returned.
    ///
    /// - Parameter timeout: how long to wait; forever when nil. The orchestration keeps running either way.
    /// - Throws: ``OrchestrationFailed``, ``OrchestrationCanceled``, ``OrchestrationTerminated``, ``ResultTimedOut``, or
    ///   ``RepriseError``: `unknownInstance` also when it is purged meanwhile.
    @discardableResult
    public func result(timeout: Duration? = nil) async throws -> Started.Output where Started.Output: Decodable {
        try await client.result(of: id, as: Started.Output.self, timeout: timeout)
    }

    // MARK: Steering

    /// Raises an event; see ``OrchestrationClient/raise(_:to:)``.
    public func raise(_ event: some ExternalEvent) async throws { try await client.raise(event, to: id) }

    /// Raises an event by its name; see ``OrchestrationClient/raiseEvent(_:_:to:)-(_,_,InstanceID)``.
    public func raiseEvent(_ name: String, _ value: some Encodable & Sendable = JSON.null) async throws {
        try await client.raiseEvent(name, value, to: id)
    }

    /// Lets it take no more steps until it is resumed; see ``OrchestrationClient/suspend(_:reason:)-(InstanceID,_)``.
    public func suspend(reason: String? = nil) async throws { try await client.suspend(id, reason: reason) }

    /// Lets it go on; see ``OrchestrationClient/resume(_:reason:)-(InstanceID,_)``.
    public func resume(reason: String? = nil) async throws { try await client.resume(id, reason: reason) }

    /// Tells it to clean up and end; see ``OrchestrationClient/cancel(_:reason:grace:children:)-(InstanceID,_,_,_)``.
    public func cancel(reason: String? = nil, grace: Duration? = nil, children: Bool = false) async throws {
        try await client.cancel(id, reason: reason, grace: grace, children: children)
    }

    /// Ends it as Terminated; see ``OrchestrationClient/terminate(_:reason:children:)-(InstanceID,_,_)``.
    public func terminate(reason: String? = nil, children: Bool = false) async throws {
        try await client.terminate(id, reason: reason, children: children)
    }

    /// Takes it up again after a failure; see ``OrchestrationClient/rewind(_:reason:)-(InstanceID,_)``.
    public func rewind(reason: String? = nil) async throws { try await client.rewind(id, reason: reason) }

    /// Forgets it, once it has ended; see ``OrchestrationClient/purge(_:children:)-(InstanceID,_)``.
    public func purge(children: Bool = false) async throws { try await client.purge(id, children: children) }
}

extension OrchestrationHandle: CustomStringConvertible {
    public var description: String { id.value }
}

extension OrchestrationClient {
    /// A handle of an orchestration that was started before. Whether it exists, and is one of this orchestrator, is not
    /// asked.
    ///
    /// - Throws: ``RepriseError``: `invalid` for a text that is not an id.
    public func handle<O: Orchestrator>(
        of orchestrator: O.Type,
        id: some InstanceIDConvertible
    ) throws -> OrchestrationHandle<O, Self> {
        OrchestrationHandle(id: try id.checkedID(), client: self)
    }
}
