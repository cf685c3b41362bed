import Reprise
import RepriseEngine
import RepriseKernel
import RepriseLoad
import RepriseStatus

extension SimulatedHub {
    func check() {
        checkStories()
        checkObservers()
        checkRequests()
        checkJournals()
    }

    // MARK: An accepted start is never lost, and runs once

    private func checkStories() {
        for story in stories {
            if story.rounds < story.lastRound {
                complain("\(story.instance) got no further than round \(story.rounds)")
            }
            for round in stride(from: 1, through: story.rounds, by: 1) { check(story, round) }
        }
    }

    private func check(_ story: Story, _ round: Int) {
        let tag = story.tag(round)
        let begun = observer.begun[tag] ?? []
        guard let incarnation = begun.first, begun.count == 1 else {
            return complain("\(tag) (\(story.orchestrator)) began \(begun.count) times: \(describe(story.instance))")
        }
        let told = observer.statuses.filter { $0.instance == story.instance && $0.incarnation == incarnation }
        let ends = Set(told.filter(\.kind.isEnd).map(\.kind))
        guard let end = ends.first, ends.count == 1, let last = told.first(where: { $0.kind == end }) else {
            return complain("\(tag) (\(story.orchestrator)) ended \(ends.count) times: \(describe(story.instance))")
        }
        if end == .terminated {
            if !story.terminates { complain("\(tag) was terminated by nobody") }
            return
        }
        guard isRight(last, for: story, tag) else {
            return complain("\(tag) (\(story.orchestrator)) ended \(end) with \(last.payload.text.prefix(200))")
        }
    }

    private func isRight(_ end: StatusMessage, for story: Story, _ tag: String) -> Bool {
        let count = story.count
        func completed(_ json: String) -> Bool { end.kind == .completed && end.payload.text == json }
        func failed(_ type: String) -> Bool { end.kind == .failed && end.failure?.type == type }
        return switch story.orchestrator {
        case "Hello": completed("[\((0..<count).map { "\($0 * 2)" }.joined(separator: ","))]")
        case "FanOut": completed("\((0..<count).reduce(0, +) * 2)")
        case "Retrying": completed("42")
        case "Race": completed("\"went\"") || completed("\"timeout\"")
        case "Collector": completed("[\((0..<count).map { "\($0)" }.joined(separator: ","))]") || isShuffled(end, story)
        case "Pacer", "Hasty": completed("\(count)")
        case "Deriver", "Immediate": completed("\"\(tag)\"")
        case "Thrower": failed("Broken")
        case "Fickle":
            completed("\"\(tag)\"")
                || (failed(Failure.Kind.nonDeterministic)
                    && ["Double", "Flaky"].allSatisfy { end.payload.text.contains($0) })
        case "Stalled": failed(Failure.Kind.stalled)
        case "Boaster": completed("\"PayloadTooLarge\"")
        case "Glutton": failed(Failure.Kind.tooLarge)
        default: false
        }
    }

    /// Events that were a dead letter first come later than their turn; each comes once all the same.
    private func isShuffled(_ end: StatusMessage, _ story: Story) -> Bool {
        guard requests.contains(where: { $0.command.instance == story.instance && $0.wasRefused }),
            let items = try? PayloadCoding.decode([Int].self, from: end.payload, as: "items")
        else { return false }
        return items.sorted() == Array(0..<story.count)
    }

    // MARK: Status versions and sequences have no gap

    private func checkObservers() {
        var bySequence: [String: StatusMessage] = [:]
        var byVersion: [String: StatusMessage] = [:]
        var versions: [InstanceIdentity: Set<Int64>] = [:]
        var sequences: [PartitionNumber: Set<Int64>] = [:]
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
        for (partition, seen) in sequences where seen.count != Int(seen.max() ?? 0) {
            complain("the sequences of partition \(partition) have a gap")
        }
        for (identity, last) in purged where versions[identity]?.max() != last {
            complain("\(identity) was heard of after it was purged")
        }
        for partition in partitions {
            guard let owned = owner(of: partition) else { continue }
            if Int64(sequences[partition]?.count ?? 0) != owned.progress.sequence {
                complain("partition \(partition) published less than its journal says")
            }
        }
    }

    // MARK: Bad input is answered, not swallowed

    private func checkRequests() {
        for (index, request) in requests.enumerated() where !request.wasRefused {
            guard let messageID = request.command.messageID else { continue }
            let command = request.command
            let key = DerivedIdentity.seenKey(
                instance: command.instance,
                kind: command.action.kind,
                messageID: messageID
            )
            if let journal = journal(of: command.instance), (try? journal.seen(key)) == nil {
                complain("request \(index) (\(command.action.kind)) was swallowed")
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
        if !left.progress.confirmedBeyond.isEmpty { complain("ranges beyond the watermark are left") }
        for row in try journal.instances(after: 0, limit: 1_000) {
            check(try journal.history(of: row), of: row)
            let record = observer.records[row.id]
            if record?.incarnation != row.incarnation || record?.version != row.version
                || record?.lifecycle.runtimeStatus != row.runtimeStatus
            {
                complain("the read model of \(row.id) is not what its partition has")
            }
        }
    }

    func owner(of partition: PartitionNumber) -> Partition? {
        nodes.compactMap { $0.process?.seats[partition.value].replica.partition }.first
    }

    /// The owner's.
    private func journal(of partition: PartitionNumber) -> (any PartitionJournal)? {
        nodes.compactMap { $0.process }.first { $0.seats[partition.value].replica.partition != nil }
            .flatMap { $0.journals[partition] }
    }

    private func journal(of instance: InstanceID) -> (any PartitionJournal)? { journal(of: partition(of: instance)) }

    private func check(_ history: [HistoryRecord], of row: InstanceRow) {
        var scheduled: Set<TaskID> = []
        var completed: Set<TaskID> = []
        var timers: [TaskID: Timestamp] = [:]
        var time = Timestamp.zero
        var version: Int64 = 0
        for record in history {
            if record.time < time { complain("time goes back in the history of \(row.id)") }
            time = record.time
            if time > clock.latest { complain("\(row.id) was ahead of every clock") }
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
            case .timerCreated(let id, let fireAt): timers[id] = fireAt
            case .timerFired(let id):
                guard let due = timers.removeValue(forKey: id), record.time >= due else {
                    complain("timer #\(id) of \(row.id) fired early or twice")
                    continue
                }
            case .timerCanceled(let id):
                if timers.removeValue(forKey: id) == nil {
                    complain("timer #\(id) of \(row.id) was canceled after its end")
                }
            case .executionScheduled, .executionStarted, .taskStarted, .eventRaised, .executionSuspended,
                .executionResumed, .executionRewound, .executionTerminated, .messageSent, .customStatusSet,
                .executionCompleted, .executionFailed, .executionContinued, .parentNotified, .parentAddressed,
                .entityRequested, .entityAnswered, .entityStored:
                break
            }
        }
        if version != row.version, row.hiddenThrough == nil {
            complain("\(row.id) is at version \(row.version), its history at \(version)")
        }
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
            "\($0.command.action.kind) \($0.command.messageID ?? "-")\($0.wasAccepted ? " accepted" : "")\($0.wasRefused ? " refused" : "")"
        }
    }
}
