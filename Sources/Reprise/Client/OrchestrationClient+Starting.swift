public import RepriseKernel

extension OrchestrationClient {
    /// Starts an orchestration whose code this program knows, and returns its id once that is durable.
    ///
    /// - Parameter id: drawn when nil.
    /// - Throws: ``RepriseError``: `unknownOrchestrator`, `alreadyExists`, `invalid`, `tooLarge`.
    @discardableResult
    public func start<O: Orchestrator>(
        _ orchestrator: O.Type,
        _ input: O.Input,
        id: InstanceID? = nil,
        options: StartOptions = StartOptions()
    ) async throws -> InstanceID where O.Input: Encodable {
        try await start(O.name, input, id: id, options: options)
    }

    /// Starts an orchestration without options; see ``start(_:_:id:options:)``.
    @discardableResult
    public func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable,
        id: InstanceID? = nil
    ) async throws -> InstanceID {
        try await start(orchestrator, input, id: id, options: StartOptions())
    }

    /// Starts an orchestration under an id that is drawn; see ``start(_:_:id:options:)``.
    @discardableResult
    public func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable,
        options: StartOptions
    ) async throws -> InstanceID {
        try await start(orchestrator, input, id: nil, options: options)
    }

    /// Starts an orchestration with null for its input; see ``start(_:_:id:options:)``.
    @discardableResult
    public func start(
        _ orchestrator: String,
        id: InstanceID? = nil,
        options: StartOptions = StartOptions()
    ) async throws -> InstanceID {
        try await start(orchestrator, JSON.null, id: id, options: options)
    }
}
