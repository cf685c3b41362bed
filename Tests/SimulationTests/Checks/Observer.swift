import Reprise
import RepriseKernel
import RepriseLoad
import RepriseStatus

/// Hears every status message, as the projector does, and folds them with the read model's own rule.
struct Observer {
    private(set) var statuses: [StatusMessage] = []
    /// The incarnations that began with a start's tag, and those that ended.
    private(set) var begun: [String: Set<Int64>] = [:]
    private(set) var ended: Set<InstanceIdentity> = []
    /// The read model.
    private(set) var records: [InstanceID: StatusRecord] = [:]

    mutating func observe(_ status: StatusMessage) {
        statuses.append(status)
        records[status.instance] = records[status.instance]?.merging(status) ?? StatusRecord(status)
        if status.kind == .started,
            let order = try? PayloadCoding.decode(Order.self, from: status.payload, as: "an order")
        {
            begun[order.tag, default: []].insert(status.incarnation)
        }
        if status.kind.isEnd {
            ended.insert(InstanceIdentity(instance: status.instance, incarnation: status.incarnation))
        }
    }
}

extension StatusMessage.Kind {
    var isEnd: Bool { self == .completed || self == .failed || self == .terminated }
}
