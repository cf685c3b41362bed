public import Reprise
public import RepriseKernel

extension TestHub {
    /// Starts an orchestration, and returns once it and everything it triggered are waiting for something. Without an
    /// id it is `instance-1`, `instance-2` and so on.
    ///
    /// - Throws: ``RepriseError`` for a refused start, and `unknownActivity` for one that reached an activity that no
    ///   worker serves.
    @discardableResult
    public func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable,
        id: InstanceID?,
        options: StartOptions
    ) async throws -> InstanceID {
        let request = StartRequest(
            orchestrator: orchestrator,
            input: try Payload.encoded(input, "the input of '\(orchestrator)'"),
            version: options.version,
            tags: options.tags,
            startTime: options.time.map { Timestamp(rounding: $0) },
            existing: options.existing.existing,
            event: try options.event.map { event in
                StartRequest.Event(name: event.name, payload: try event.payload())
            },
            customStatus: try options.customStatus.map { try Payload.encoded($0, "the custom status") }
        )
        return try await send(.start(request), to: try id ?? nextInstance())
    }
}
