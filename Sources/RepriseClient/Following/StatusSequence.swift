public import Reprise
public import RepriseKernel

extension RepriseClient {
    /// Every change of an orchestration that is visible from here: first its current status, finally its end.
    ///
    /// ```swift
    /// for try await status in client.statuses(of: id) {
    ///     print(try status.customStatus(as: Progress.self)?.percent ?? 0)
    /// }
    /// ```
    /// Statuses never go backwards and are never repeated; of several in quick succession, only the last may be seen. A
    /// gateway that is unavailable, restarts, or loses its connection is waited for, however long that takes: cancel
    /// the task to stop. The sequence ends with the instance, also when that is purged.
    public func statuses(of id: InstanceID) -> StatusSequence { StatusSequence(client: self, id: id) }
}

/// See ``RepriseClient/statuses(of:)``.
public struct StatusSequence: AsyncSequence, Sendable {
    public typealias Element = OrchestrationStatus

    let client: RepriseClient
    let id: InstanceID

    public func makeAsyncIterator() -> Iterator { Iterator(client: client, id: id) }

    /// Asks the gateway for one status after another.
    public struct Iterator: AsyncIteratorProtocol {
        private let client: RepriseClient
        private let id: InstanceID
        private var seen = SeenRevisions()
        private var persistence = RetrySchedule(timeout: nil)
        private var isOver = false

        init(client: RepriseClient, id: InstanceID) {
            self.client = client
            self.id = id
        }

        /// - Throws: ``RepriseError``: `unknownInstance` when there never was one with this id, `unavailable` when the
        ///   first request gets no answer in time; `CancellationError`.
        public mutating func next() async throws -> OrchestrationStatus? {
            while !isOver, !seen.isEnded {
                let answer = seen.isAnything ? try await later() : try await first()
                guard let answer else { continue }
                if answer.status == 404, seen.isAnything {
                    isOver = true
                } else if answer.status != 304 {
                    let status = try RepriseClient.status(answer)
                    if seen.isNew(status) { return status }
                }
                try await client.pause(after: answer)
            }
            return nil
        }

        private func first() async throws -> GatewayAnswer {
            try await client.granted(RepriseClient.statusRequest(id), by: [200, 202])
        }

        /// The next answer; nil when none came this time.
        private mutating func later() async throws -> GatewayAnswer? {
            var request = RepriseClient.statusRequest(id)
            if let revision = seen.revision { request.headers["If-None-Match"] = "\"\(revision)\"" }
            let answer = try await client.held(
                request,
                accepting: [200, 202, 304, 404],
                about: "instance '\(id)'",
                &persistence
            )
            if answer != nil { persistence.succeeded() }
            return answer
        }
    }
}

extension RepriseClient {
    /// An answer with nothing new was held by the gateway for as long as it would, or came from one that does not hold
    /// requests, or that lags behind another.
    fileprivate func pause(after answer: GatewayAnswer) async throws {
        guard answer.status != 304 || answer.headers["preference-applied"]?.contains("wait") != true else { return }
        try await clock.sleep(for: options.pollingInterval)
    }
}
