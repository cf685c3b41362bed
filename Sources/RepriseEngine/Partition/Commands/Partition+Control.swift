import RepriseKernel

extension Partition {
    // MARK: One command each; the result is why it was refused

    func terminate(
        _ id: InstanceID,
        _ reason: Payload,
        children: Bool,
        of parent: TaskAddress?
    ) throws(JournalError) -> Rejection? {
        guard let instance = try instance(id) else { return unknown(id) }
        if let refusal = try refusal(of: parent, by: instance) { return refusal }
        guard !instance.row.runtimeStatus.isEnded else { return ended(instance) }
        try fold(instance)
        withdrawTasks(of: instance, because: "the orchestration was terminated")
        if children {
            sendToChildren(of: instance) { .terminate(reason: reason, children: true, childOf: $0) }
        }
        end(instance, .executionTerminated(reason: reason), as: .terminated)
        return nil
    }

    func suspend(_ id: InstanceID, _ reason: Payload) throws(JournalError) -> Rejection? {
        guard let instance = try instance(id) else { return unknown(id) }
        guard !instance.row.runtimeStatus.isEnded else { return ended(instance) }
        guard instance.row.runtimeStatus != .suspended else {
            return Rejection(.alreadySuspended, "instance '\(id)' is already suspended")
        }
        try fold(instance)
        instance.row.runtimeStatus = .suspended
        append(.executionSuspended(reason: reason), to: instance)
        return nil
    }

    func resume(_ id: InstanceID, _ reason: Payload) throws(JournalError) -> Rejection? {
        guard let instance = try instance(id) else { return unknown(id) }
        guard !instance.row.runtimeStatus.isEnded else { return ended(instance) }
        guard instance.row.runtimeStatus == .suspended else {
            return Rejection(.notSuspended, "instance '\(id)' is not suspended")
        }
        try activate(instance)
        guard !instance.row.runtimeStatus.isEnded else { return ended(instance) }
        instance.row.runtimeStatus = instance.beginning == nil ? .pending : .running
        append(.executionResumed(reason: reason), to: instance)
        // Its clean-up, if it is in one, has the whole time again.
        if let grace = instance.cancellation?.grace { arm(.grace, due: now + grace, of: instance) }
        // Again: a generation that was decided before begins only now.
        try activate(instance)
        try applyPending(to: instance)
        return nil
    }
}
