import Foundation
import RepriseEngine
import RepriseJournal
import RepriseKernel
import Testing

/// A data directory of its own for one test, with the journal of partition 0 of 4 of hub `orders`.
final class JournalDirectory {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { "\(path)/partition-0.sqlite" }
    var log: String { database + "-wal" }
    var highWaterMark: String { "\(path)/partition-0.witness" }
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    func store(
        hub: String = "orders",
        partition: Int = 0,
        partitionCount: Int = 4,
        id: String = "journal-1",
        path: String? = nil
    ) throws -> SQLiteJournalStore {
        SQLiteJournalStore(
            directory: path ?? self.path,
            hub: try HubName(hub),
            partition: PartitionNumber(partition),
            partitionCount: partitionCount,
            makeID: { id }
        )
    }

    func open(
        hub: String = "orders",
        partition: Int = 0,
        partitionCount: Int = 4,
        id: String = "journal-1"
    ) throws -> SQLiteJournal {
        try store(hub: hub, partition: partition, partitionCount: partitionCount, id: id).opened()
    }

    /// What a power cut now would leave on the disk: the file and its log, without a closing checkpoint.
    func crashImage(highWaterMark: Bool = true) throws -> JournalDirectory {
        let image = JournalDirectory()
        for name in names where !name.hasSuffix("-shm") && (highWaterMark || !name.hasSuffix(".witness")) {
            try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(image.path)/\(name)")
        }
        return image
    }

    func edit(_ file: String, _ change: (inout [UInt8]) -> Void) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
        change(&bytes)
        try Data(bytes).write(to: URL(filePath: file))
    }
}

extension MemoryDisk {
    func store(hub: String = "orders", id: String = "journal-1") throws -> MemoryJournalStore {
        MemoryJournalStore(
            disk: self,
            hub: try HubName(hub),
            partition: PartitionNumber(0),
            partitionCount: 4,
            makeID: { id }
        )
    }
}

extension JournalStore {
    /// What lies here, made when nothing ever did.
    func opened() throws -> SQLiteJournal {
        let journal = try open() ?? create()
        return try #require(journal as? SQLiteJournal)
    }
}

extension [UInt8] {
    /// Where `text` first lies.
    func offset(of text: String) -> Int? {
        Data(self).range(of: Data(text.utf8))?.lowerBound
    }
}

/// Writes commits as an engine would, keeping count.
struct Scribe {
    private(set) var head: JournalHead

    init(_ journal: SQLiteJournal) throws { head = try journal.recover().head }

    /// The next commit, with whatever `change` puts into it.
    mutating func next(_ change: (inout JournalCommit) -> Void = { _ in }) -> JournalCommit {
        head.commit += 1
        head.checksum = head.checksum &* 31 &+ UInt64(head.commit.rawValue)
        var commit = JournalCommit(head: head)
        change(&commit)
        return commit
    }

    /// The next commit: one turn of an instance whose last row lies at `previous`.
    mutating func turn(of instance: InstanceKey, previous: HistoryPosition = 0, text: String = "x") -> JournalCommit {
        let position = head.nextPosition
        head.nextPosition += 1
        return next {
            $0.history = [.turn(at: position, of: instance, previous: previous, text: text)]
            $0.instances = [.sample(key: instance, last: position)]
        }
    }
}

extension HistoryRow {
    static func turn(
        at position: HistoryPosition,
        of instance: InstanceKey,
        previous: HistoryPosition,
        text: String = "x"
    ) -> HistoryRow {
        HistoryRow(
            position: position,
            instance: instance,
            previous: previous,
            firstOutbound: OutboundNumber(rawValue: position.rawValue * 10),
            firstSequence: StatusSequenceNumber(rawValue: position.rawValue * 100),
            records: HistoryCodec.encode([.event(text)])
        )
    }
}

extension HistoryRecord {
    static func event(_ text: String) -> HistoryRecord {
        HistoryRecord(.eventRaised(name: "E", .string(text)), time: Timestamp(milliseconds: 1_000))
    }
}

extension InstanceRow {
    static func sample(
        key: InstanceKey,
        id: String? = nil,
        last: HistoryPosition = 0,
        status: RuntimeStatus = .running,
        hiddenThrough: OutboundNumber? = nil
    ) -> InstanceRow {
        InstanceRow(
            key: key,
            id: InstanceID(trusted: id ?? "instance-\(key)"),
            name: "Order",
            incarnation: Incarnation(rawValue: key.rawValue * 7),
            runtimeStatus: status,
            version: 3,
            sequence: 4,
            createdTime: Timestamp(milliseconds: 5),
            lastUpdatedTime: Timestamp(milliseconds: 6),
            firstPosition: 1,
            lastPosition: last,
            customStatusPosition: 8,
            endPosition: 9,
            hiddenThrough: hiddenThrough
        )
    }
}

/// The error of `body`; nil when there is none.
func journalError(_ body: () throws -> Void) -> JournalError? {
    do {
        try body()
        return nil
    } catch {
        return error as? JournalError
    }
}
