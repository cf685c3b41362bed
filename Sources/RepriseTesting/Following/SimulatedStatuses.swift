public import Reprise
import RepriseEngine
public import RepriseKernel

extension TestHub {
    /// The current status of an instance, then each change, finally its end. Asking for the next one lets as much time
    /// pass as it takes to happen.
    public nonisolated func statuses(of id: InstanceID) -> SimulatedStatuses { SimulatedStatuses(hub: self, id: id) }

    fileprivate func status(of id: InstanceID, after last: OrchestrationStatus?) async throws -> OrchestrationStatus? {
        while true {
            try await settle()
            guard let last else { return try found(id) }
            guard let status = try find(id).map({ OrchestrationStatus($0) }) else { return nil }
            if let old = last.revision, let new = status.revision, new > old { return status }
            if status.isEnded { return nil }
            try passTime(for: id)
        }
    }
}

/// See ``TestHub/statuses(of:)``.
public struct SimulatedStatuses: AsyncSequence, Sendable {
    let hub: TestHub
    let id: InstanceID

    public func makeAsyncIterator() -> Iterator { Iterator(hub: hub, id: id) }

    /// Asks the hub for one status after another.
    public struct Iterator: AsyncIteratorProtocol {
        let hub: TestHub
        let id: InstanceID
        private var last: OrchestrationStatus?
        private var isOver = false

        init(hub: TestHub, id: InstanceID) {
            self.hub = hub
            self.id = id
        }

        /// - Throws: ``RepriseError``: `unknownInstance` when there never was one with this id; `stuck` when nothing
        ///   more can happen, with what it is waiting for.
        public mutating func next() async throws -> OrchestrationStatus? {
            guard !isOver, last?.isEnded != true, let status = try await hub.status(of: id, after: last) else {
                isOver = true
                return nil
            }
            last = status
            return status
        }
    }
}
