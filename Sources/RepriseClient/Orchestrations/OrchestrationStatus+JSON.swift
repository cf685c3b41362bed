import Foundation
package import Reprise
package import RepriseKernel

extension OrchestrationStatus {
    /// A status as the gateway writes it.
    ///
    /// - Returns: nil when the id, name, status or a time is missing.
    package init?(_ view: JSONView, tag: String? = nil) {
        guard let members = view.members, let id = members["instanceId"]?.text,
            let instance = try? InstanceID(entityOrInstance: id), let name = members["name"]?.text,
            let status = members["runtimeStatus"]?.text.flatMap(RuntimeStatus.init),
            let created = members["createdTime"]?.time, let updated = members["lastUpdatedTime"]?.time
        else { return nil }
        self.init(
            id: instance,
            name: name,
            runtimeStatus: status,
            createdTime: created,
            lastUpdatedTime: updated,
            traits: InstanceTraits(
                version: members["version"]?.text,
                tags: Dictionary(
                    members["tags"]?.members?.compactMap { tag, value in value.text.map { (tag, $0) } } ?? [],
                    uniquingKeysWith: { first, _ in first }
                ),
                parent: members["parentInstanceId"]?.text.flatMap { try? InstanceID($0) },
                startTime: members["startTime"]?.time
            ),
            revision: tag.flatMap { Revision(tag: $0) },
            failure: nil,
            input: members["input"]?.payload ?? .null,
            customStatus: members["customStatus"]?.payload ?? .null,
            output: members["output"]?.payload ?? .null
        )
    }
}
