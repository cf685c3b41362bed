import Foundation
import Reprise
import RepriseKernel

extension OrchestrationChange {
    /// A change as the gateway writes it; nil for anything else.
    init?(_ view: JSONView) {
        guard let members = view.members, let type = members["type"]?.text,
            let incarnation = members["incarnation"]?.integer, let version = members["version"]?.integer,
            let time = members["time"]?.time, let status = members["runtimeStatus"]?.text.flatMap(RuntimeStatus.init)
        else { return nil }
        let kind = Kind(rawValue: type)
        let customStatus = members["customStatus"]?.payload ?? .null
        let output = members["output"]?.payload ?? .null
        self.init(
            kind: kind,
            revision: Revision(incarnation: Incarnation(rawValue: incarnation), version: version),
            time: time,
            runtimeStatus: status,
            failure: nil,
            value: kind == .customStatusSet || kind == .entityChanged ? customStatus : output,
            customStatus: customStatus,
            output: output
        )
    }
}

/// One answer of `/statuses`.
struct ChangePage {
    var changes: [OrchestrationChange]
    /// Whether the orchestration has ended, and these are the last.
    var isLast: Bool

    init(_ answer: GatewayAnswer) throws {
        guard let members = try answer.json().members, let list = members["changes"]?.elements,
            let status = members["runtimeStatus"]?.text.flatMap(RuntimeStatus.init)
        else { throw answer.unexpected("it is not a list of changes") }
        changes = try list.map { view in
            guard let change = OrchestrationChange(view) else { throw answer.unexpected("it is not a list of changes") }
            return change
        }
        isLast = status.isEnded && members["next"]?.isNull != false
    }
}
