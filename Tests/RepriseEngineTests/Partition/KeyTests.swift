import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// A journal that was restored from a backup, or a hub that was made again under its name, gave the keys of other tasks
/// again: a payment provider took the second charge for a repeat of the first.
@Suite struct KeyTests {
    /// All that is told from others by its key, and what it is.
    private func keys(_ published: [Outbound]) -> [String: String] {
        var keys: [String: String] = [:]
        for outbound in published {
            switch outbound.message {
            case .task(let message):
                keys["task \(message.task.key)"] = "\(message.instance) \(message.task.name) \(message.task.input.text)"
            case .command(let command):
                keys["command \(command.messageID ?? "")"] = "\(command.instance) \(command.action.fingerprint)"
            default: break
            }
        }
        return keys
    }

    /// Activities, children, entities, locks and their release, a purge of children.
    private func work(_ rig: PartitionFixture, _ name: String) throws -> [String: String] {
        let before = rig.published.count
        try rig.send(
            .start("\(name)-h", "FanOut", count: 3),
            .start("\(name)-p", "Parent", Upbringing(children: 2)),
            .start("\(name)-t", "Teller", Teller.Transfer(from: "\(name)1", to: "\(name)2", amount: 1))
        )
        try rig.settle()
        for id in ["h", "p", "t"] { #expect(try rig.status("\(name)-\(id)")?.runtimeStatus == .completed, "\(id)") }
        try rig.handle([
            .command(Command(instance: try InstanceID("\(name)-p"), action: .purge(children: true)))
        ])
        let keys = keys(Array(rig.published[before...]))
        #expect(keys.count > 10)
        return keys
    }

    @Test func aJournalFromABackupGivesNoKeyAgain() throws {
        let journal = try MemoryJournal()
        let backup = try MemoryJournal()
        let rig = try PartitionFixture(
            journal: journal,
            adding: Family.all,
            entities: [RegisteredEntity(Account(), limits: Limits())]
        )
        _ = try work(rig, "before")
        backup.state = journal.state
        let lost = try work(rig, "lost")
        let restored = try PartitionFixture(
            journal: backup,
            adding: Family.all,
            entities: [RegisteredEntity(Account(), limits: Limits())]
        )
        let after = try work(restored, "other")
        #expect(Set(lost.keys).isDisjoint(with: after.keys))
    }

    @Test func aHubMadeAnewGivesNoKeyAgain() throws {
        let former = try work(try PartitionFixture(family: ()), "a")
        let anew = try work(try PartitionFixture(family: ()), "b")
        #expect(Set(former.keys).isDisjoint(with: anew.keys))
    }

    /// What was handed out keeps its key across owners.
    @Test func aKeyOutlivesItsOwner() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(
            .start("h", "FanOut", count: 3),
            .start("p", "Parent", Upbringing(children: 2)),
            .start("k", "Keeper", tag: "k")
        )
        let first = keys(rig.published)
        #expect(first.count == 6)
        for _ in 0..<3 {
            #expect(keys(try rig.restart()) == first)
        }
    }
}
