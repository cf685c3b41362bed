public import Foundation
public import RepriseKernel

extension OrchestrationClient {
    /// Starts an orchestration whose code this program knows, and returns its id once that is durable.
    ///
    /// The parameters are those of ``StartOptions``.
    ///
    /// - Throws: ``RepriseError``: `unknownOrchestrator`, `alreadyExists`, `invalid`, `tooLarge`.
    @discardableResult
    public func start<O: Orchestrator>(
        _ orchestrator: O.Type,
        _ input: O.Input,
        id: InstanceID? = nil,
        at time: Date? = nil,
        tags: [String: String] = [:],
        version: String? = nil,
        ifExists existing: ExistingInstancePolicy = .replaceEnded,
        raising event: RaisedEvent? = nil,
        customStatus: (any Encodable & Sendable)? = nil
    ) async throws -> InstanceID where O.Input: Encodable {
        let options = StartOptions(
            id: id,
            at: time,
            tags: tags,
            version: version,
            ifExists: existing,
            raising: event,
            customStatus: customStatus
        )
        return try await start(O.name, input, options: options)
    }

    /// Starts an orchestration by its orchestrator's name, and returns its id once that is durable.
    ///
    /// The parameters are those of ``StartOptions``.
    ///
    /// - Throws: ``RepriseError``: `unknownOrchestrator`, `alreadyExists`, `invalid`, `tooLarge`.
    @discardableResult
    public func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable = JSON.null,
        id: InstanceID? = nil,
        at time: Date? = nil,
        tags: [String: String] = [:],
        version: String? = nil,
        ifExists existing: ExistingInstancePolicy = .replaceEnded,
        raising event: RaisedEvent? = nil,
        customStatus: (any Encodable & Sendable)? = nil
    ) async throws -> InstanceID {
        let options = StartOptions(
            id: id,
            at: time,
            tags: tags,
            version: version,
            ifExists: existing,
            raising: event,
            customStatus: customStatus
        )
        return try await start(orchestrator, input, options: options)
    }
}
