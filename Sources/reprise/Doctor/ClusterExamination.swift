package import RepriseEngine
import RepriseKernel

/// Judges who owns what, according to the nodes and the locks.
package struct ClusterExamination: Sendable {
    private let report: ClusterReport
    /// By partition: whether some node has its lock.
    private let locks: [Bool]

    package init(_ report: ClusterReport, locks: [Bool]) {
        self.report = report
        self.locks = locks
    }

    package func run() -> [Finding] { nodes() + report.partitions.flatMap(partition) }

    private func nodes() -> [Finding] {
        guard !report.nodes.isEmpty else {
            guard locks.contains(true) else { return [] }
            return [
                .bad(
                    "nodes",
                    "some own partitions, but none is announcing itself",
                    advice: "check whether they hang, and restart those; older releases do not announce themselves"
                )
            ]
        }
        return report.nodes.map { node in
            let text =
                "last heard \(node.age.milliseconds) ms ago, heartbeat \(node.heartbeat.milliseconds / 1_000) s"
                + (node.isLeaving ? ", leaving" : "")
            let subject = "node \(Text.cut(Text.line(node.name), to: 40))"
            guard node.isMissing else { return .ok(subject, text) }
            return .bad(subject, text, advice: "it is gone, frozen, or cut off from the broker: check it")
        }
    }

    private func partition(_ partition: ClusterReport.Partition) -> [Finding] {
        let subject = "owner of \(partition.number)"
        var findings = partition.troubles.map { trouble in
            Finding.bad(subject, "\(trouble.node): \(trouble.text)", advice: "check the log of that node")
        }
        guard let owner = partition.owners.first else {
            let number = partition.number.value
            // A missing lock was already reported with the partition.
            if locks.indices.contains(number), locks[number], !report.nodes.isEmpty {
                findings.append(
                    .bad(
                        subject,
                        "some node has its lock, but none announces it",
                        advice: "check again in a moment; if it persists, a node hangs: find it, and restart it"
                    )
                )
            }
            return findings
        }
        guard partition.owners.count == 1 else {
            findings.append(
                .bad(
                    subject,
                    "\(partition.owners.joined(separator: " and ")) say that they own it; the lock has one holder only",
                    advice: "check again in a minute; if it persists, restart all but \(owner)"
                )
            )
            return findings
        }
        findings.append(ownership(partition, owner, subject))
        return findings
    }

    private static let catchingUp =
        "check again in a minute: a standby that has just started catches up; if it does not, check its disk and load"

    private func ownership(_ partition: ClusterReport.Partition, _ owner: String, _ subject: String) -> Finding {
        guard let log = partition.log else { return .ok(subject, "\(owner), without a log: bound to its disk") }
        let standbys = partition.standbys.map { standby in
            standby.lag == 0 ? standby.node : "\(standby.node) (\(Amount.of(Int(standby.lag), "commit")) behind)"
        }
        let text = "\(owner), log segment \(log.segment), "
        guard !standbys.isEmpty else {
            guard report.nodes.count > 1 else {
                return .note(subject, text + "no standby yet: start another node, and it takes over when this one dies")
            }
            return .bad(
                subject,
                text + "no standby: a take-over has to read the log from its snapshot",
                advice: "let a node follow it (REPRISE_STANDBY=on), or find out why none does"
            )
        }
        let list = text + "standby " + standbys.joined(separator: ", ")
        guard partition.standbys.contains(where: { $0.lag <= AssignmentPlan.closeCommits }) else {
            return .bad(subject, list, advice: Self.catchingUp)
        }
        return .ok(subject, list)
    }
}
