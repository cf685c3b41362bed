import Foundation
import GRDB
import Logging
import RepriseEngine
import RepriseKernel

@testable import RepriseJournal

extension SimulatedHub {
    /// Every reader of a partition's log arrives at the same journal, row for row, as every node that follows it.
    func checkReplicas() {
        for partition in partitions {
            guard let (pointer, journal) = broker.pointers[partition],
                let entries = broker.streams[Stream(partition: partition, segment: pointer.segment)]?.entries
            else {
                complain("partition \(partition) has no log at the end")
                continue
            }
            checkChain(of: entries, partition)
            do {
                let (standing, rows) = try fold(entries, pointer, partition)
                for node in nodes {
                    guard let queue = node.disk[partition].queue else {
                        complain("\(node.name) has no journal of partition \(partition) at the end")
                        continue
                    }
                    if node.standings[partition]?.commit != standing.commit {
                        complain(
                            "\(node.name) is at \(String(describing: node.standings[partition])), the log at \(standing)"
                        )
                    }
                    let other = try TableDump(queue)
                    if let difference = rows.difference(from: other) {
                        complain(
                            "the journal of partition \(partition) at \(node.name) is not what its log says: \(difference)"
                        )
                    }
                    if JournalID(rawValue: other.identity) != journal {
                        complain("\(node.name) has the journal \(other.identity), and the log is that of \(journal)")
                    }
                }
            } catch {
                complain("the log of partition \(partition) cannot be folded: \(error)")
            }
        }
    }

    private func fold(
        _ entries: [LogEntry],
        _ pointer: LogAddress,
        _ partition: PartitionNumber
    ) throws -> (JournalPosition, TableDump) {
        let checker = SimulatedNode("checker", skew: .zero)
        let disk = checker.disk
        let store = MemoryJournalStore(
            disk: disk,
            hub: name,
            partition: partition,
            partitionCount: partitions.count,
            makeID: { "nobody's" }
        )
        let replica = PartitionReplica(
            store: store,
            orchestrators: [:],
            settings: drawSettings(checker.name),
            environment: environment(of: nodes[0]),
            marker: SimulatedMarker(checker, partition),
            logger: Logger(label: "check", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try replica.read(pointer, rebuilding: true)
        let progress = try replica.follow(entries)
        defer { replica.close() }
        guard let progress, let queue = disk[partition].queue else {
            throw JournalError(.damaged, "its snapshot is not whole")
        }
        return (progress.standing, try TableDump(queue))
    }

    /// The rule of the log, told a second time and in other words: numbers without a gap, each linked to the one before, all of
    /// the newest fence's epoch; anything else must be of an older epoch.
    private func checkChain(of entries: [LogEntry], _ partition: PartitionNumber) {
        var last: JournalPosition?
        var epoch: Epoch = 0
        for entry in entries {
            switch try? LogRecordCodec.decode(entry.bytes) {
            case .head(let head)?:
                last = head.standing
                epoch = head.standing.epoch
            case .fence(let next, _, _)?: epoch = max(epoch, next)
            case .commit(let commit)?:
                if commit.standing.epoch < epoch { continue }
                if commit.standing.epoch != epoch || commit.standing.commit != (last?.commit ?? 0).next
                    || commit.previous != last?.checksum
                {
                    complain(
                        "partition \(partition): commit \(commit.standing) is in the log after \(String(describing: last)) under epoch \(epoch)"
                    )
                }
                last = commit.standing
            case .snapshot?, .snapshotEnd?, .sealed?: break
            case nil: complain("the log of partition \(partition) has a record that cannot be read")
            }
        }
    }
}

/// All rows of all tables.
struct TableDump {
    private(set) var identity = ""
    private var tables: [(name: String, rows: [String])] = []

    init(_ queue: DatabaseQueue) throws {
        (identity, tables) = try queue.writeWithoutTransaction { database in
            let tables = try JournalSchema.tables.map { table in
                let rows = try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map { row in
                    row.databaseValues.map { value in
                        switch value.storage {
                        case .null: "-"
                        case .int64(let number): "\(number)"
                        case .double(let number): "\(number)"
                        case .string(let text): text
                        case .blob(let data): data.base64EncodedString()
                        }
                    }.joined(separator: "|")
                }
                return (name: "\(table)", rows: rows.sorted())
            }
            return (try String.fetchOne(database, sql: "SELECT journal FROM identity") ?? "", tables)
        }
    }

    func difference(from other: TableDump) -> String? {
        for (mine, theirs) in zip(tables, other.tables) where mine.rows != theirs.rows && mine.name != "identity" {
            let missing = mine.rows.filter { !theirs.rows.contains($0) }
            let added = theirs.rows.filter { !mine.rows.contains($0) }
            return "\(mine.name) lacks \(missing.prefix(3)) and has \(added.prefix(3)) instead"
        }
        return nil
    }
}
