/// Where an orchestration stands, with the types of its code. All that an ``OrchestrationStatus`` has, it has too.
@dynamicMemberLookup
public struct TypedStatus<Started: Orchestrator>: Sendable, Equatable {
    /// The same, without the types.
    public let untyped: OrchestrationStatus

    init(_ untyped: OrchestrationStatus) { self.untyped = untyped }

    /// What the status has whatever its types: `status.runtimeStatus`.
    public subscript<Value>(dynamicMember member: KeyPath<OrchestrationStatus, Value>) -> Value {
        untyped[keyPath: member]
    }

    /// What it says about itself; nil for nothing.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is no `Status`, as may be with older code.
    public var customStatus: Started.Status? { get throws(RepriseError) { try untyped.customStatus() } }

    /// What its present generation was started with; nil for nothing, or when it was not asked for.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is no `Input`.
    public var input: Started.Input? { get throws(RepriseError) { try untyped.input() } }
}

/// See ``OrchestrationHandle/statuses``.
public struct TypedStatuses<Started: Orchestrator, Base: AsyncSequence<OrchestrationStatus, any Error>>: AsyncSequence {
    public typealias Element = TypedStatus<Started>

    private let base: Base

    init(_ base: Base) { self.base = base }

    public func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator()) }

    /// Asks for one status after the other.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: Base.AsyncIterator

        /// - Throws: what the client throws.
        public mutating func next() async throws -> TypedStatus<Started>? {
            try await base.next().map { TypedStatus($0) }
        }
    }
}

extension TypedStatuses: Sendable where Base: Sendable {}
