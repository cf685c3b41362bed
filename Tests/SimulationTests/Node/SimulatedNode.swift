import GRDB
import RepriseEngine
import RepriseKernel
import Synchronization

@testable import RepriseJournal

/// What someone has set a machine's clock to for a while; its partitions' clocks read it.
final class ClockLeap: Sendable {
    private let leap = Mutex((by: Duration.zero, until: Duration.zero))

    var by: Duration { leap.withLock { $0.by } }
    var isOn: Bool { by != .zero }
    func begin(by duration: Duration, until: Duration) { leap.withLock { $0 = (duration, until) } }
    func end(at now: Duration) { leap.withLock { if $0.until <= now { $0.by = .zero } } }
    func end() { leap.withLock { $0.by = .zero } }
}

/// A machine: a disk that outlives the processes on it, and at most one of them at a time.
final class SimulatedNode {
    let name: String
    let disk = MemoryDisk()
    /// How far each journal on the disk has come; what all nodes of a hub announce.
    var standings: [PartitionNumber: JournalPosition] = [:]
    /// What lies beside each journal: whose turns were being tried.
    var marks: [PartitionNumber: SimulatedMarker.Mark] = [:]
    var process: SimulatedProcess?
    /// How far its clock is off.
    let skew: Duration
    let leap = ClockLeap()
    /// What its clock was off when the process began, until someone puts it right.
    let lag = ClockLeap()
    /// A row that no one wrote lies in a journal, where the next one is to go.
    private(set) var damage: Damage?
    /// What a planted bug keeps out of the log.
    var unloggedSeen: [PartitionNumber: [[UInt8]: SeenRow]] = [:]

    struct Damage {
        var partition: PartitionNumber
        var position: Int64
    }

    init(_ name: String, skew: Duration, snapshotLooks: @escaping () -> Int? = { 0 }) {
        self.name = name
        self.skew = skew
        disk.snapshotLooks = snapshotLooks
    }

    func loseDisk() {
        disk.wipe()
        standings = [:]
        marks = [:]
        damage = nil
        unloggedSeen = [:]
    }

    // MARK: A copy of its files

    private(set) var copy: JournalCopy?

    func copy(_ partition: PartitionNumber) {
        guard damage?.partition != partition, let standing = standings[partition], standing.commit > 0,
            let bytes = query(partition, MemoryDatabase.bytes)
        else { return }
        copy = JournalCopy(partition: partition, bytes: bytes, standing: standing)
    }

    /// The files are as they were when the copy was made.
    func restore(_ copy: JournalCopy) {
        guard let queue = try? MemoryDatabase.open(copy.bytes) else { return }
        disk[copy.partition] = MemoryDisk.Slot(queue: queue)
        standings[copy.partition] = copy.standing
        forgetDamage(of: copy.partition)
    }

    // MARK: A row that no one wrote

    func damageRow(of partition: PartitionNumber) {
        let next = query(partition) { try Int64.fetchOne($0, sql: "SELECT nextPosition FROM progress") }
        guard damage == nil, let position = next ?? nil else { return }
        restore(Damage(partition: partition, position: position))
    }

    func restore(_ damage: Damage) {
        self.damage = damage
        query(damage.partition) {
            try $0.execute(
                sql: "INSERT OR REPLACE INTO history VALUES (?, -1, 0, 0, 0, x'00', 0)",
                arguments: [damage.position]
            )
        }
    }

    func removeDamage() {
        guard let damage else { return }
        self.damage = nil
        query(damage.partition) {
            try $0.execute(sql: "DELETE FROM history WHERE position = ?", arguments: [damage.position])
        }
    }

    /// The journal it was in has been replaced.
    func forgetDamage(of partition: PartitionNumber) { if damage?.partition == partition { damage = nil } }

    @discardableResult
    private func query<T>(_ partition: PartitionNumber, _ body: (Database) throws -> T) -> T? {
        try? disk[partition].queue?.writeWithoutTransaction(body)
    }
}
