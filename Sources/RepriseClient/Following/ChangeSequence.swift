public import Reprise
public import RepriseKernel

extension RepriseClient {
    /// Every change of an orchestration, each once and in order, from the first or from a revision on, to its end.
    ///
    /// ```swift
    /// for try await change in client.changes(of: id, after: lastSeen) {
    ///     print(change.time, try change.customStatus(as: Progress.self)?.percent ?? 0)
    ///     lastSeen = change.revision
    /// }
    /// ```
    /// Keep the last revision to continue from there later or in another process, through this gateway or another. A
    /// gateway that is unavailable, restarts, or loses its connection is waited for, however long that takes: cancel
    /// the task to stop. The sequence ends with the orchestration, also when that is purged. Changes are kept for as
    /// long as the orchestration, the last 10,000 of them.
    public func changes(of id: InstanceID, after revision: Revision?) -> ChangeSequence {
        ChangeSequence(client: self, id: id, revision: revision)
    }
}

/// See ``RepriseClient/changes(of:after:)``.
public struct ChangeSequence: AsyncSequence, Sendable {
    public typealias Element = OrchestrationChange

    let client: RepriseClient
    let id: InstanceID
    let revision: Revision?

    public func makeAsyncIterator() -> Iterator { Iterator(client: client, id: id, revision: revision) }

    /// Asks the gateway for one page of changes after another.
    public struct Iterator: AsyncIteratorProtocol {
        private let client: RepriseClient
        private let id: InstanceID
        private var revision: Revision?
        private var read: ArraySlice<OrchestrationChange> = []
        private var hasAnswered = false
        private var isOver = false
        private var persistence = RetrySchedule(timeout: nil)

        init(client: RepriseClient, id: InstanceID, revision: Revision?) {
            self.client = client
            self.id = id
            self.revision = revision
        }

        /// - Throws: ``RepriseError``: `unknownInstance` when there never was one with this id, `unavailable` when the
        ///   first request gets no answer in time; `CancellationError`.
        public mutating func next() async throws -> OrchestrationChange? {
            while read.isEmpty, !isOver { try await ask() }
            guard let change = read.popFirst() else { return nil }
            revision = change.revision
            return change
        }

        private mutating func ask() async throws {
            var request = GatewayRequest(.get, "instances", id.value, "statuses")
            request.query = revision.map { [("after", "\($0)")] } ?? []
            guard hasAnswered else {
                try take(try await client.granted(request, by: [200]))
                return
            }
            guard
                let answer = try await client.held(
                    request,
                    accepting: [200, 404],
                    about: "instance '\(id)'",
                    &persistence
                )
            else { return }
            guard answer.status == 200 else {
                isOver = true
                return
            }
            try take(answer)
            // Nothing new, and the request was not held either: something in between drops the preference to wait.
            guard read.isEmpty, !isOver, answer.headers["preference-applied"] == nil else { return }
            try await client.clock.sleep(for: client.options.pollingInterval)
        }

        private mutating func take(_ answer: GatewayAnswer) throws {
            let page = try ChangePage(answer)
            hasAnswered = true
            persistence.succeeded()
            // A gateway that lags behind another may repeat what was already seen.
            read = page.changes.filter { change in revision.map { change.revision > $0 } ?? true }[...]
            isOver = page.isLast
        }
    }
}
