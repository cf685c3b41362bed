import Foundation
import RepriseEngine
import RepriseHosting
import RepriseJournal
import RepriseKernel
import RepriseStatus

/// Examines a data directory: the journals and read model in it that no process has open.
struct DataExamination {
    let directory: String
    let access: HubAccess
    /// Nil when the hub could not be asked.
    let partitionCount: Int?

    func run() -> [Finding] {
        guard FileManager.default.fileExists(atPath: directory) else {
            return [
                .bad(
                    "data",
                    "there is no directory '\(directory)'",
                    advice: "name the directory that the node uses"
                )
            ]
        }
        var findings = [room()]
        findings += journals()
        findings += readModel()
        return findings
    }

    /// A node whose disk is full gives up its partitions, and takes them again when there is room.
    private func room() -> Finding {
        guard let attributes = try? FileManager.default.attributesOfFileSystem(forPath: directory),
            let free = (attributes[.systemFreeSize] as? NSNumber)?.int64Value
        else { return .note("disk", "the free space of '\(directory)' cannot be read") }
        let text = "\(Amount.count(free >> 20)) MiB free on the disk of '\(directory)'"
        guard free >= Self.littleRoom else {
            return .bad("disk", text, advice: "free some space: a node whose disk is full pauses until there is some")
        }
        return .ok("disk", text)
    }

    private static let littleRoom: Int64 = 64 << 20

    private func journals() -> [Finding] {
        var findings: [Finding] = []
        var absent: [PartitionNumber] = []
        for number in 0..<(partitionCount ?? 1_024) {
            let checkup = JournalCheckup.run(directory: directory, partition: PartitionNumber(number))
            let subject = "journal \(number)"
            switch checkup.finding {
            case .absent:
                guard partitionCount != nil else { return findings }
                absent.append(checkup.partition)
            case .inUse: findings.append(.ok(subject, "open in a node, which checked it when it started"))
            case .sound(let identity, let commits): findings.append(sound(subject, identity, commits))
            case .unusable(let reason):
                findings.append(.bad(subject, reason, advice: "keep every file of \(directory) until it is repaired"))
            }
        }
        if absent.count == partitionCount {
            return [.note("journals", "none in '\(directory)'")]
        }
        if !absent.isEmpty {
            let list = absent.map(\.description).joined(separator: ", ")
            findings.append(.note("journals", "none of partition \(list) in '\(directory)'"))
        }
        return findings
    }

    private func sound(_ subject: String, _ identity: JournalIdentity, _ commits: CommitNumber) -> Finding {
        guard identity.hub == access.hub, partitionCount == nil || identity.partitionCount == partitionCount else {
            return .bad(
                subject,
                "it belongs to hub '\(identity.hub)' with \(Amount.of(identity.partitionCount, "partition"))",
                advice: "name that hub with --hub, or the data directory of hub '\(access.hub)'"
            )
        }
        return .ok(subject, "sound, closed, \(Amount.of(commits.rawValue, "commit")), journal \(identity.id.short)")
    }

    private func readModel() -> [Finding] {
        let file = "\(directory)/\(StatusModel.fileName)"
        guard FileManager.default.fileExists(atPath: file) else {
            return [.note("read model", "none in '\(directory)'; a gateway makes one")]
        }
        guard let lock = try? DirectoryLock(directory, of: .gateway) else {
            return [.ok("read model", "open in a gateway, which checked it when it started")]
        }
        defer { lock.release() }
        guard let partitionCount else {
            return [.note("read model", "there is one; it cannot be checked without the hub")]
        }
        do {
            // Opening checks every page.
            _ = try StatusModel(directory: directory, hub: access.hub, partitionCount: partitionCount)
            return [.ok("read model", "sound, closed")]
        } catch {
            return [.bad("read model", "\(error)", advice: "stop the gateway, delete \(file)*, and start it again")]
        }
    }
}
