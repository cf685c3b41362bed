import Reprise
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestOrchestrators

extension SimulatedHub {
    func check() {
        checkStories()
        checkObservers()
        checkRequests()
        checkJournals()
        checkAccounts()
        checkClocks()
    }

    // MARK: Status versions and sequences have no gap

    private func checkObservers() {
        var bySequence: [String: StatusMessage] = [:]
        var byVersion: [String: StatusMessage] = [:]
        var versions: [InstanceIdentity: Set<Int64>] = [:]
        var sequences: [PartitionNumber: Set<StatusSequenceNumber>] = [:]
        var purged: [InstanceIdentity: Int64] = [:]
        for status in observer.statuses {
            var known = status
            known.epoch = 0
            if let other = bySequence.updateValue(known, forKey: "\(status.partition)/\(status.sequence)"),
                other != known
            {
                complain("sequence \(status.sequence) of partition \(status.partition) is two messages")
            }
            let version = "\(status.instance)/\(status.incarnation)/\(status.version)"
            if let other = byVersion.updateValue(known, forKey: version), other != known {
                complain("version \(version) is two messages: \(other.kind) and \(status.kind)")
            }
            let identity = InstanceIdentity(instance: status.instance, incarnation: status.incarnation)
            versions[identity, default: []].insert(status.version)
            sequences[status.partition, default: []].insert(status.sequence)
            if status.kind == .purged { purged[identity] = status.version }
        }
        for (identity, seen) in versions where seen.count != Int(seen.max() ?? 0) {
            complain("the versions of \(identity) have a gap: \(seen.sorted())")
        }
        for (partition, seen) in sequences where seen.count != Int(seen.max()?.rawValue ?? 0) {
            complain("the sequences of partition \(partition) have a gap")
        }
        for (identity, last) in purged where versions[identity]?.max() != last {
            complain("\(identity) was heard of after it was purged")
        }
        for partition in partitions {
            guard let owned = owner(of: partition) else { continue }
            if Int64(sequences[partition]?.count ?? 0) != owned.head.sequence.rawValue {
                complain("partition \(partition) published less than its journal says")
            }
        }
    }

    // MARK: Bad input is answered, not swallowed

    private func checkRequests() {
        for (index, request) in requests.enumerated() where request.mayBeHeld && request.laterRefusals > 0 {
            // Each refusal has a letter of its own; one more says what became of what was accepted, and is that of the
            // one who sent it first under its message id.
            let same = requests.filter { request.isRepeat(of: $0) }
            guard same.map(\.letters).reduce(0, +) <= same.map(\.laterRefusals).reduce(0, +) else { continue }
            complain("request \(index) was accepted, and its repeat refused \(request.laterRefusals) times")
        }
        for (index, request) in requests.enumerated() where !request.wasRefused {
            guard let messageID = request.command.messageID else { continue }
            let command = request.command
            let key = DerivedIdentity.seenKey(
                instance: command.instance,
                kind: command.action.verb.rawValue,
                messageID: messageID
            )
            // It was held under that id, and became a dead letter of the request that came first.
            if request.mayBeHeld, requests.contains(where: { $0.wasRefused && request.isRepeat(of: $0) }) { continue }
            if let journal = journal(of: command.instance), (try? journal.seen(key)) == nil {
                complain("request \(index) (\(command.action.verb)) was swallowed")
            }
        }
    }

    // MARK: What the journals hold at the end

    private func checkJournals() {
        for partition in partitions {
            guard let owned = owner(of: partition), let journal = journal(of: partition) else {
                complain("partition \(partition) has no owner at the end")
                continue
            }
            do {
                try check(journal, owned)
            } catch {
                complain("the journal of partition \(partition) cannot be read: \(error)")
            }
        }
        if hasLog { checkReplicas() }
    }

    private func check(_ journal: any PartitionJournal, _ owned: Partition) throws {
        let left = try journal.recover()
        if !left.timers.isEmpty { complain("\(left.timers.count) timers are left") }
        // An instance that failed keeps them for a rewind.
        let waiting = try left.waiting.filter { try journal.instance($0)?.runtimeStatus != .failed }
        if !waiting.isEmpty { complain("events still wait for \(waiting)") }
        if !left.held.isEmpty { complain("\(left.held.count) held events are left") }
        if !left.inline.isEmpty { complain("\(left.inline.count) inline messages are left") }
        if !left.retries.isEmpty { complain("\(left.retries.count) retries are left") }
        if !left.head.confirmedBeyond.isEmpty { complain("ranges beyond the watermark are left") }
        try checkLeftovers(journal)
        for row in try journal.instances(after: 0, limit: 1_000) {
            if row.id.isEntity {
                check(entity: row, try journal.history(of: row))
            } else {
                check(try journal.history(of: row), of: row)
            }
            let record = observer.records[row.id]
            if record?.incarnation != row.incarnation || record?.version != row.version
                || record?.lifecycle.runtimeStatus != row.runtimeStatus
            {
                complain("the read model of \(row.id) is not what its partition has")
            }
        }
    }

    /// Nothing is kept of what was purged, replaced or left behind by continuing as new.
    private func checkLeftovers(_ journal: any PartitionJournal) throws {
        for row in try journal.historyRows(from: 1, limit: 100_000) {
            let instance = try journal.instance(key: row.instance)
            if instance == nil || instance?.hiddenThrough != nil || row.position < instance?.firstPosition ?? 0 {
                complain("history row \(row.position) of \(instance?.id.value ?? "nobody") is left")
            }
        }
    }

    func owner(of partition: PartitionNumber) -> Partition? {
        nodes.compactMap { $0.process?.contenders[partition.value].replica.partition }.first
    }

    /// The owner's.
    private func journal(of partition: PartitionNumber) -> (any PartitionJournal)? {
        nodes.compactMap { $0.process }.first { $0.contenders[partition.value].replica.partition != nil }
            .flatMap { $0.journals[partition] }
    }

    func journal(of instance: InstanceID) -> (any PartitionJournal)? { journal(of: partition(of: instance)) }

    private func check(_ history: [HistoryRecord], of row: InstanceRow) {
        var scheduled: Set<TaskID> = []
        var completed: Set<TaskID> = []
        var timers: [TaskID: Timestamp] = [:]
        var time = Timestamp.zero
        // A generation goes on with the versions of the one before.
        var version = (history.lazy.compactMap(\.version).first ?? 1) - 1
        if version != 0, history.first?.event.generation == 0 {
            complain("the history of \(row.id) has lost its begin")
        }
        var created: [TaskID: Timestamp] = [:]
        var deadline = Timestamp.zero
        for record in history {
            if record.time < time { complain("time goes back in the history of \(row.id)") }
            time = record.time
            if time > clock.latest + furthestLeap { complain("\(row.id) was ahead of every clock") }
            if let published = record.version {
                version += 1
                if published != version {
                    complain("the history of \(row.id) publishes \(published) after \(version - 1)")
                }
            }
            switch record.event {
            case .taskScheduled(let task):
                if !scheduled.insert(task.id).inserted { complain("task #\(task.id) of \(row.id) is scheduled twice") }
            case .taskCompleted(let id, _), .taskFailed(let id, _):
                if !scheduled.contains(id) || !completed.insert(id).inserted {
                    complain("task #\(id) of \(row.id) has a second completion")
                }
            case .timerCreated(let id, let fireAt):
                timers[id] = fireAt
                created[id] = fireAt
            case .timerFired(let id):
                guard let due = timers.removeValue(forKey: id), record.time >= due else {
                    complain("timer #\(id) of \(row.id) fired early or twice")
                    continue
                }
            case .timerCanceled(let id):
                if timers.removeValue(forKey: id) == nil {
                    complain("timer #\(id) of \(row.id) was canceled after its end")
                }
            case .executionRewound:
                // What follows hands out again what is undone.
                scheduled = []
                completed = []
                timers = created
            case .cancelRequested(let cancellation):
                timers = [:]
                deadline = cancellation.deadline ?? deadline
            case .executionCanceled(_, let isForced):
                if isForced, record.time < deadline { complain("\(row.id) was canceled before its time was over") }
            case .executionScheduled, .executionStarted, .taskStarted, .taskProgressed, .taskAbandoned, .eventRaised,
                .executionSuspended,
                .executionResumed, .executionTerminated, .messageSent, .customStatusSet, .executionCompleted,
                .executionFailed, .executionContinued, .parentNotified, .parentAddressed, .entityRequested,
                .entityAnswered, .entityStored:
                break
            }
        }
        if version != row.version, row.hiddenThrough == nil {
            complain("\(row.id) is at version \(row.version), its history at \(version)")
        }
        checkFamily(history, of: row)
        guard row.name != "Fickle" else { return }
        let checker = ReplayChecker(orchestrators: orchestrators, limits: limits)
        let identity = InstanceIdentity(instance: row.id, incarnation: row.incarnation)
        if let difference = checker.difference(in: history, of: identity) {
            complain("the replay of \(row.id) (\(row.name)) differs: \(difference)")
        }
    }

    func describe(_ instance: InstanceID) -> String {
        guard let journal = journal(of: instance), let row = try? journal.instance(instance),
            let history = try? journal.history(of: row)
        else { return "no such instance, after \(asked(instance))" }
        return "\(row.runtimeStatus) after \(history.map(\.event.summary)), \(asked(instance))"
    }

    private func asked(_ instance: InstanceID) -> [String] {
        requests.filter { $0.command.instance == instance }.map {
            "\($0.command.action.verb) \($0.command.messageID ?? "-")\($0.wasAccepted ? " accepted" : "")\($0.wasRefused ? " refused" : "")"
        }
    }
}

extension HistoryEvent {
    /// Which generation begins with it.
    fileprivate var generation: Int64? {
        switch self {
        case .executionStarted(let start), .executionScheduled(let start): start.generation
        default: nil
        }
    }
}
