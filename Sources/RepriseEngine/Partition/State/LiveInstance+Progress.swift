import RepriseKernel

/// What open tasks with a heartbeat limit have reported last: kept with what waits for the instance.
extension LiveInstance {
    func keptProgress(of id: TaskID) -> Payload? {
        guard let index = placeOfProgress(of: id), case .taskProgressed(_, let value) = pending[index].event else {
            return nil
        }
        return value
    }

    /// Where the journal has it; nil when nothing is kept.
    func removeProgress(of id: TaskID) -> PendingNumber? {
        placeOfProgress(of: id).map { pending.remove(at: $0).position }
    }

    private func placeOfProgress(of id: TaskID) -> Int? {
        // Most tasks have no such limit, and many events may wait.
        guard open?.tasks[id]?.timeouts.heartbeat != nil else { return nil }
        return pending.firstIndex { waiting in
            if case .taskProgressed(id, _) = waiting.event { true } else { false }
        }
    }
}
