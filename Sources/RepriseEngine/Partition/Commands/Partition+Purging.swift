import RepriseKernel

extension Partition {
    func purge(
        _ id: InstanceID,
        children: Bool,
        of parent: TaskAddress?
    ) throws(JournalError) -> Rejection? {
        guard let instance = try instance(id) else { return unknown(id) }
        if let refusal = try refusal(of: parent, by: instance) { return refusal }
        guard instance.row.runtimeStatus.isEnded else {
            return Rejection(
                .notEnded,
                "instance '\(id)' is \(instance.row.runtimeStatus.rawValue); only ended instances can be purged"
            )
        }
        if children { try purgeChildren(of: instance) }
        purgeNow(instance)
        return nil
    }

    /// Observers are told that it is gone.
    func purgeNow(_ instance: LiveInstance) {
        inline.send(
            .purged(
                PurgeNotice(
                    instance: instance.row.id,
                    name: instance.row.name,
                    incarnation: instance.row.incarnation,
                    version: instance.row.version + 1,
                    sequence: 0,
                    time: now,
                    createdTime: instance.row.createdTime
                )
            )
        )
        hide(instance)
    }

    /// An ended incarnation disappears from view now, and from disk once its last message is confirmed.
    func hide(_ instance: LiveInstance) {
        forget(instance)
        hidden.hide(instance)
    }
}
