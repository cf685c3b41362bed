import RepriseKernel

extension Answer {
    /// - Throws: the rejection's own sentence when the partition refused.
    @discardableResult
    func requireAcceptance() throws -> InstanceID {
        switch self {
        case .accepted(let instance): return instance
        case .rejected(let rejection): throw rejection
        case .status, .changes, .instances, .health:
            throw CommandFailure(
                .failed,
                "the partition gave an answer to another question: are all programs of one release?"
            )
        }
    }
}
