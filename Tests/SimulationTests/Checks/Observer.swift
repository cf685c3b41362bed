import Reprise
import RepriseKernel
import RepriseStatus
import RepriseTestOrchestrators

/// Hears every status message, as the projector does, and folds them with the read model's own rule.
struct Observer {
    private(set) var statuses: [StatusMessage] = []
    /// The executions that began, or were put down for later, with a start's tag.
    private(set) var begun: [String: Set<InstanceIdentity>] = [:]
    /// The last that was heard of each one's life: how it ended, or that it was rewound.
    private var lives: [InstanceIdentity: StatusMessage] = [:]
    /// The read model.
    private(set) var records: [InstanceID: StatusRecord] = [:]

    mutating func observe(_ status: StatusMessage) {
        statuses.append(status)
        records[status.instance] = records[status.instance]?.merging(status) ?? StatusRecord(status)
        let identity = InstanceIdentity(instance: status.instance, incarnation: status.incarnation)
        if status.kind == .started || status.kind == .scheduled,
            let order = try? PayloadCoding.decode(Order.self, from: status.payload, as: "an order")
        {
            begun[order.tag, default: []].insert(identity)
        }
        if status.kind.isEnd || status.kind == .rewound, lives[identity]?.version ?? 0 < status.version {
            lives[identity] = status
        }
    }

    /// An execution that goes on.
    var open: (tag: String, identity: InstanceIdentity)? {
        for (tag, identities) in begun {
            if let identity = identities.first(where: { end(of: $0) == nil }) { return (tag, identity) }
        }
        return nil
    }

    /// How an execution ended; nil while it goes on.
    func end(of identity: InstanceIdentity) -> StatusMessage? {
        lives[identity].flatMap { $0.kind.isEnd ? $0 : nil }
    }

    /// What was said of an execution, each once and in order.
    func told(of identity: InstanceIdentity) -> [StatusMessage] {
        var byVersion: [Int64: StatusMessage] = [:]
        for status in statuses
        where status.instance == identity.instance && status.incarnation == identity.incarnation {
            byVersion[status.version] = byVersion[status.version] ?? status
        }
        return byVersion.values.sorted { $0.version < $1.version }
    }
}

extension StatusMessage.Kind {
    var isEnd: Bool { self == .completed || self == .failed || self == .canceled || self == .terminated }
}
