public import RepriseKernel

extension OrchestrationClient {
    /// Starts an orchestration whose code this program knows, and returns a handle of it once that is durable.
    ///
    /// - Parameter id: generated when nil.
    /// - Throws: ``RepriseError``: `unknownOrchestrator`, `alreadyExists`, `invalid`, `tooLarge`.
    @discardableResult
    public func start<O: Orchestrator>(
        _ orchestrator: O.Type,
        _ input: O.Input,
        id: (any InstanceIDConvertible)? = nil,
        options: StartOptions = StartOptions()
    ) async throws -> OrchestrationHandle<O, Self> where O.Input: Encodable {
        let id = try await start(O.name, input, id: try id?.checkedID(), options: options)
        return OrchestrationHandle(id: id, client: self)
    }

    /// Starts an orchestration without options; see ``start(_:_:id:options:)``.
    @discardableResult
    public func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable,
        id: (any InstanceIDConvertible)? = nil
    ) async throws -> InstanceID {
        try await start(orchestrator, input, id: try id?.checkedID(), options: StartOptions())
    }

    /// Starts an orchestration under an id that is written as text; see ``start(_:_:id:options:)``.
    @discardableResult
    public func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable,
        id: some InstanceIDConvertible,
        options: StartOptions
    ) async throws -> InstanceID {
        try await start(orchestrator, input, id: InstanceID?(try id.checkedID()), options: options)
    }

    /// Starts an orchestration under an id that is drawn; see ``start(_:_:id:options:)``.
    @discardableResult
    public func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable,
        options: StartOptions
    ) async throws -> InstanceID {
        try await start(orchestrator, input, id: InstanceID?.none, options: options)
    }

    /// Starts an orchestration with null for its input; see ``start(_:_:id:options:)``.
    @discardableResult
    public func start(
        _ orchestrator: String,
        id: (any InstanceIDConvertible)? = nil,
        options: StartOptions = StartOptions()
    ) async throws -> InstanceID {
        try await start(orchestrator, JSON.null, id: try id?.checkedID(), options: options)
    }
}
