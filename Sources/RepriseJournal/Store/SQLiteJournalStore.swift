package import RepriseEngine
package import RepriseKernel

/// The journal of one partition in a data directory.
///
/// From the first call until the store and its journal are released the files are locked, even while a snapshot
/// replaces the journal: no other process ever finds them between two owners.
///
/// What a crash leaves while a snapshot is being received: the old journal. Once it is complete and checked it has its
/// own name, and the next opener of the store puts it in place: from then on, the new one.
package final class SQLiteJournalStore: JournalStore {
    package let hub: HubName
    package let partition: PartitionNumber
    package let partitionCount: Int

    private let files: JournalFiles
    private let makeID: () -> String
    private var lock: JournalLock?
    private weak var journal: SQLiteJournal?

    /// - Parameter makeID: generates the id of a new journal.
    package init(
        directory: String,
        hub: HubName,
        partition: PartitionNumber,
        partitionCount: Int,
        makeID: @escaping () -> String
    ) {
        self.hub = hub
        self.partition = partition
        self.partitionCount = partitionCount
        self.makeID = makeID
        files = JournalFiles(directory: directory, partition: partition)
    }

    package func open() throws(JournalError) -> (any PartitionJournal)? {
        try reporting {
            let opening = try enter()
            let mark = try HighWaterMark.read(files)
            guard Names.exists(files.database) else {
                try opening.refuseToReplace(mark)
                return nil
            }
            return try open(opening, mark)
        }
    }

    package func create() throws(JournalError) -> any PartitionJournal {
        try reporting {
            let opening = try enter()
            guard !Names.exists(files.database) else {
                throw JournalError(.mismatch, "\(files.database) is a journal already: it is opened, not made")
            }
            try opening.refuseToReplace(try HighWaterMark.read(files))
            try opening.create(makeID)
            return try open(opening, nil)
        }
    }

    package func receive() throws(JournalError) -> any SnapshotReceiver {
        try reporting {
            try lockFiles()
            return try ReceivedFile(self, files)
        }
    }

    package func setAside(_ reason: String) throws(JournalError) {
        try reporting {
            let opening = try enter()
            guard Names.exists(files.database) else { return }
            // An unreadable mark says no more than none.
            _ = try opening.setAside(reason, try? HighWaterMark.read(files))
        }
    }

    // MARK: Steps

    /// Everything that may be called while no journal is open begins here.
    private func enter() throws -> JournalOpening {
        if journal?.isOpen == true {
            throw JournalError(.inUse, "the journal of partition \(partition) is open already, in this process")
        }
        let lock = try lockFiles()
        try files.putReceivedInPlace()
        return JournalOpening(files: files, inspection: inspection(files.database), lock: lock)
    }

    @discardableResult
    private func lockFiles() throws -> JournalLock {
        if let lock { return lock }
        try Names.createDirectory(files.directory)
        try Names.refuseShared(files.directory)
        let taken = try JournalLock(files)
        lock = taken
        // Earlier releases left them world-readable.
        for suffix in JournalFiles.suffixes { try Names.makePrivate(files.database + suffix) }
        // What a crash left half done.
        try Names.remove(files.incoming)
        try files.removeSnapshot()
        return taken
    }

    private func open(_ opening: JournalOpening, _ mark: HighWaterMark?) throws -> SQLiteJournal {
        let opened = try opening.run(mark)
        journal = opened
        return opened
    }

    func inspection(_ name: String) -> JournalInspection {
        JournalInspection(name: name, hub: hub, partition: partition, partitionCount: partitionCount)
    }

    /// A received file that was checked becomes the journal.
    func replace() throws -> SQLiteJournal {
        journal?.close()
        try Names.move(files.incoming, to: files.received)
        return try open(try enter(), nil)
    }

    func reporting<T>(_ body: () throws -> T) throws(JournalError) -> T {
        do {
            return try body()
        } catch {
            throw JournalError(error, journal: "the journal of partition \(partition)")
        }
    }
}
