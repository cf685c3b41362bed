public import Reprise
import RepriseEngine
public import RepriseKernel

extension TestHub {
    /// Every change of an instance, each once and in order, from the first or from a revision on, to its end. Asking
    /// for the next one lets as much time pass as it takes to happen.
    public nonisolated func changes(of id: InstanceID, after revision: Revision?) -> SimulatedChanges {
        SimulatedChanges(hub: self, id: id, revision: revision)
    }

    /// - Parameter isFirst: whether nothing has been returned yet: only then does it matter that there is no such
    ///   instance.
    fileprivate func change(
        of id: InstanceID,
        after revision: Revision?,
        isFirst: Bool
    ) async throws -> OrchestrationChange? {
        while true {
            try await settle()
            guard let status = try find(id) else {
                guard isFirst else { return nil }
                throw unknown(id)
            }
            let seen = revision ?? Revision(incarnation: status.incarnation, version: 0)
            if let next = machine.observed.changes(of: id).first(where: { change in
                // Changes of an earlier incarnation end with it, as with a gateway.
                change.revision.incarnation == status.incarnation && change.revision > seen && change.kind != .purged
            }) {
                return next
            }
            if status.runtimeStatus.isEnded { return nil }
            try passTime(for: id)
        }
    }
}

/// See ``TestHub/changes(of:after:)``.
public struct SimulatedChanges: AsyncSequence, Sendable {
    let hub: TestHub
    let id: InstanceID
    let revision: Revision?

    public func makeAsyncIterator() -> Iterator { Iterator(hub: hub, id: id, revision: revision) }

    /// Asks the hub for one change after another.
    public struct Iterator: AsyncIteratorProtocol {
        let hub: TestHub
        let id: InstanceID
        private var revision: Revision?
        private var isFirst = true
        private var isOver = false

        init(hub: TestHub, id: InstanceID, revision: Revision?) {
            self.hub = hub
            self.id = id
            self.revision = revision
        }

        /// - Throws: ``RepriseError``: `unknownInstance` when there never was one with this id; `stuck` when nothing
        ///   more can happen, with what it is waiting for.
        public mutating func next() async throws -> OrchestrationChange? {
            guard !isOver, let change = try await hub.change(of: id, after: revision, isFirst: isFirst) else {
                isOver = true
                return nil
            }
            isFirst = false
            revision = change.revision
            return change
        }
    }
}
