import RepriseKernel

extension Partition {
    func restart(_ id: InstanceID, as newID: InstanceID?, _ command: Command) throws(JournalError) -> Rejection? {
        guard let instance = try instance(id) else { return unknown(id) }
        guard let start = try beginning(of: instance) else {
            return Rejection(.invalid, "the history of instance '\(id)' does not say how it began")
        }
        let request = StartRequest(
            orchestrator: start.name,
            input: start.input,
            version: start.traits.version,
            tags: start.traits.tags,
            existing: .refuse,
            // That of a later generation is what the code set, not what came with the start.
            customStatus: start.generation == 0 && !start.customStatus.isNull ? start.customStatus : nil
        )
        if let newID, newID != id {
            inline.send(.command(newID, .start(request)))
            return nil
        }
        guard instance.row.runtimeStatus.isEnded else {
            return Rejection(
                .alreadyExists,
                "instance '\(id)' is \(instance.row.runtimeStatus.rawValue); only an ended instance can be restarted under its own id"
            )
        }
        guard orchestrators[start.name] != nil else {
            return Rejection(.unknownOrchestrator, "this node has no orchestrator '\(start.name)' to restart '\(id)'")
        }
        hide(instance)
        try begin(request, as: id)
        return nil
    }
}
