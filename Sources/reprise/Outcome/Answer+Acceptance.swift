import RepriseKernel

extension Answer {
    /// - Throws: the rejection's own sentence when the partition refused.
    @discardableResult
    func requireAcceptance() throws -> InstanceID {
        switch self {
        case .accepted(let instance, _), .counted(let instance, _): return instance
        case .rejected(let rejection): throw rejection
        case .status, .changes, .instances, .health:
            throw CommandFailure(
                .failed,
                "the partition answered a different question: are all programs of one release?"
            )
        }
    }
}

extension Answer {
    /// The count in the answer to a command that counts.
    func requireCount() throws -> Int {
        if case .counted(_, let count) = self { return count }
        let instance = try requireAcceptance()
        throw CommandFailure(
            .failed,
            "the partition of '\(instance)' did not say how much it did: are all programs of one release?"
        )
    }
}
