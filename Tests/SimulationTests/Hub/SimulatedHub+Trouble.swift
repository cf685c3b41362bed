import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

/// What befalls the hub's machines and its broker until all of it is healed.
extension SimulatedHub {
    func makeTrouble() {
        if random.chance(1) { broker.kill(for: .milliseconds(Int.random(in: 0...3_000, using: &random))) }
        if hasLog, Int.random(in: 0..<250, using: &random) == 0 { losePower() }
        for node in nodes {
            if Int.random(in: 0..<250, using: &leaps) == 0 { leap(node) }
            guard let process = node.process else { continue }
            if Int.random(in: 0..<150, using: &random) == 0 {
                note(.nodeKilled)
                process.die()
                if hasLog, random.chance(40), !reserved.values.contains(node.name) { process.losesDisk = true }
            }
            if Int.random(in: 0..<200, using: &random) == 0, !process.isFrozen {
                note(.nodeFrozen)
                process.frozenUntil = now + .milliseconds(Int.random(in: 300...6_000, using: &random))
            }
            if random.chance(1) {
                for connection in [process.owning, process.consuming] where random.chance(60) {
                    connection.map(process.cutOff)
                }
            }
            for case let connection? in [process.owning, process.consuming]
            where connection.cutSince != nil && random.chance(10) {
                note(.mended)
                connection.mend()
            }
            if hasLog, random.chance(1) { damageRow(of: process) }
        }
        purgeTasks()
        wipeBroker()
        copyJournal()
    }

    private func damageRow(of process: SimulatedProcess) {
        guard let contender = process.contenders.randomElement(using: &random), contender.tenure == nil,
            !contender.isBusy,
            process.node.standings[contender.partition]?.commit ?? 0 > 0
        else { return }
        process.node.damageRow(of: contender.partition)
        if process.node.damage != nil { note(.rowDamaged) }
    }

    private func losePower() {
        guard let partition = partitions.randomElement(using: &random), let owner = broker.owner(of: partition),
            !owner.owning.process.isDead, let pointer = broker.pointers[partition]?.pointer
        else { return }
        let node = owner.owning.process.node
        // Lost together with the only journal that has all of it, the end is lost for good: as it is written. So its owner
        // must have taken the partition up, and not be on its way there with a new disk.
        guard isBest(node, partition),
            owner.owning.process.contenders.contains(where: { $0.partition == partition && $0.replica.partition != nil }
            )
        else { return }
        reserved[partition] = node.name
        broker.losePower(
            Stream(partition: partition, segment: pointer.segment),
            records: Int.random(in: 1...4, using: &random),
            keeping: pointer,
            for: .milliseconds(Int.random(in: 0...2_000, using: &random))
        )
    }

    func fillsDisk() -> Bool {
        guard !isHealed, random.chance(1) else { return false }
        note(.diskFull)
        return true
    }

    // MARK: Snapshots

    /// How often the next is asked for before it is made; nil where there is no room for it.
    func snapshotLooks() -> Int? {
        if !isHealed, snapshots.chance(10) {
            note(.noRoomForASnapshot)
            return nil
        }
        guard snapshots.chance(50) else { return 0 }
        note(.snapshotDelayed)
        return Int.random(in: 1...4, using: &snapshots)
    }
}
