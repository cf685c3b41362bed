import Foundation
import GRDB
import RepriseEngine
package import RepriseKernel

/// What the gateway knows of a hub's instances: a copy of the partitions' data, in one SQLite file, ready for queries.
///
/// Nothing here is the only copy. The file may lag, may be deleted, and is rebuilt from the nodes.
package final class StatusModel: Sendable {
    package let hub: HubName
    package let partitionCount: Int
    /// Generated once with the file: names this gateway's own queue of status messages.
    package let gateway: String
    package let file: String
    let pool: DatabasePool
    let notifier = ChangeNotifier()
    let keptChanges: TimelineRetention
    package let rate = RecentRate()
    /// For searches, so that they wait only for each other, and nothing else waits for them.
    let searches: DatabasePool
    let searchLimits: SearchLimits
    let gate: AdmissionGate
    let sweepRoom = SweepRoom()

    package static let fileName = "status.sqlite"

    /// Opens `<directory>/status.sqlite`, or creates it. An earlier release's file is emptied, to be filled again
    /// from the nodes; it keeps its gateway's name, and so its queue.
    ///
    /// - Throws: ``StatusModelError`` when the file is damaged, a later release's, or another hub's.
    package init(
        directory: String,
        hub: HubName,
        partitionCount: Int,
        keeping keptChanges: TimelineRetention = TimelineRetention(),
        searchLimits: SearchLimits = SearchLimits(),
        makeID: () -> String = { UUID().uuidString.lowercased() }
    ) throws {
        let file = URL(fileURLWithPath: directory).appendingPathComponent(Self.fileName).path
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try Self.makePrivate(file)
        } catch {
            throw StatusModelError(.unreachable, file: file, "the directory \(directory) cannot be created (\(error))")
        }
        self.hub = hub
        self.partitionCount = partitionCount
        self.keptChanges = keptChanges
        self.file = file
        self.searchLimits = searchLimits
        gate = AdmissionGate(limit: searchLimits.atOnce)
        do {
            pool = try DatabasePool(path: file, configuration: Self.configuration)
            let draft = makeID()
            gateway = try pool.write { db in
                // The one connection that writes: what is changed again before the next checkpoint is written once.
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 8000")
                return try Self.identify(db, file: file, hub: hub, partitions: partitionCount, gateway: draft)
            }
            searches = try DatabasePool(path: file, configuration: Self.searchConfiguration)
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_NOTADB, .SQLITE_CORRUPT:
                throw StatusModelError(.damaged, file: file, "it is damaged (\(error.message ?? "no detail"))")
            default:
                throw StatusModelError(.unreachable, file: file, error.message ?? "SQLite says \(error.resultCode)")
            }
        }
    }

    /// It contains every input and output. SQLite gives the files beside a database the database's own mode; earlier
    /// releases left them all world-readable.
    private static func makePrivate(_ file: String) throws {
        let files = FileManager.default
        let onlyOwner: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        if !files.fileExists(atPath: file) { _ = files.createFile(atPath: file, contents: nil, attributes: onlyOwner) }
        for path in [file, file + "-wal", file + "-shm"] where files.fileExists(atPath: path) {
            try files.setAttributes(onlyOwner, ofItemAtPath: path)
        }
    }

    /// Closes the file at once rather than when the last reference to the model goes.
    package func close() throws {
        try searches.close()
        try pool.close()
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "status"
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            // The pool sets WAL and synchronous=NORMAL, and NORMAL is enough here: a power cut may take the last
            // commits, but it takes `applied` with them, so that what is missing is noticed and requested again.
            try db.execute(sql: "PRAGMA cache_size = -\(SweepRoom.usualKiB)")
        }
        return configuration
    }

    private static var searchConfiguration: Configuration {
        var configuration = Configuration()
        configuration.label = "status.search"
        configuration.readonly = true
        configuration.maximumReaderCount = 2
        configuration.prepareDatabase { db in
            // A search without an index reads all rows: from the system's memory, without a copy of it.
            try db.execute(sql: "PRAGMA mmap_size = 2147418112")
        }
        return configuration
    }

    private static func identify(
        _ db: Database,
        file: String,
        hub: HubName,
        partitions: Int,
        gateway: String
    ) throws -> String {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let objects = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        if application == 0, version == 0, objects == 0 {
            try StatusSchema.create(in: db, hub: hub, partitions: partitions, gateway: gateway)
            return gateway
        }
        guard application == StatusSchema.applicationID else {
            throw StatusModelError(.foreign, file: file, "it is some other program's database")
        }
        guard version <= StatusSchema.version else {
            throw StatusModelError(
                .newer,
                file: file,
                "a later release wrote it (format \(version), this release knows \(StatusSchema.version))"
            )
        }
        if let problem = try String.fetchOne(db, sql: "PRAGMA quick_check(1)"), problem != "ok" {
            throw StatusModelError(.damaged, file: file, "it is damaged (\(problem))")
        }
        guard let row = try Row.fetchOne(db, sql: "SELECT gateway, hub, partitions FROM identity") else {
            throw StatusModelError(.damaged, file: file, "it does not say which hub it belongs to")
        }
        let foundHub: String = row[1]
        let foundCount: Int = row[2]
        guard foundHub == hub.value, foundCount == partitions else {
            throw StatusModelError(
                .otherHub,
                file: file,
                "it belongs to the hub '\(foundHub)' with \(foundCount) partitions, "
                    + "and this gateway serves '\(hub)' with \(partitions)"
            )
        }
        let known: String = row[0]
        if version < StatusSchema.version {
            try StatusSchema.replace(in: db, hub: hub, partitions: partitions, gateway: known)
        }
        return known
    }
}
