import RepriseEngine
import RepriseKernel

/// What workers say while they work, and what observers hear of it.
extension SimulatedHub {
    /// Some say how far they have come; it may arrive behind the answer, twice, or for a task that is over.
    func report(_ task: TaskMessage) {
        guard task.task.id.value.isMultiple(of: 3) || task.task.timeouts.heartbeat != nil else { return }
        let report = ProgressReport(instance: task.instance, token: task.token, value: .string("half"))
        publish(.progress(report), request: nil, to: task.instance)
    }

    func hear(_ progress: [ProgressMessage]) {
        for message in progress {
            note(message.value == nil ? .progressOver : .progressHeard)
            let attempt = Attempt(message.instance, message.incarnation, message.task, message.attempt)
            if !handedOut.contains(attempt) {
                complain(
                    "there is progress of task \(message.task) of '\(message.instance)', which no worker was given"
                )
            }
        }
    }
}

extension SimulatedHub {
    /// What was kept of an attempt stands in history before its failure, whoever owned the partition meanwhile.
    func noteProgress(in commit: JournalCommit, _ partition: PartitionNumber) {
        var kept = keptProgress[partition] ?? KeptProgress()
        for row in commit.history {
            var told: Set<TaskID> = []
            for record in (try? HistoryCodec.decode(row.records)) ?? [] {
                switch record.event {
                case .taskProgressed(let id, _):
                    told.insert(id)
                    note(.progressHandedOn)
                case .taskFailed(let id, _) where !told.contains(id) && !isUndone:
                    guard kept.tasks.values.contains(.init(instance: row.instance, task: id)) else { break }
                    complain("what task #\(id) of instance \(row.instance) had reported was lost when it failed")
                default: break
                }
            }
        }
        for row in commit.pending.written {
            guard case .taskProgressed(let id, _)? = try? HistoryCodec.decode(row.record).first?.event else { continue }
            kept.tasks[row.position] = .init(instance: row.instance, task: id)
        }
        for position in commit.pending.removed { kept.tasks[position] = nil }
        for instance in commit.instances where instance.runtimeStatus.isEnded {
            kept.tasks = kept.tasks.filter { $0.value.instance != instance.key }
        }
        keptProgress[partition] = kept
    }
}

/// By their places among what waits.
struct KeptProgress {
    struct Task: Hashable {
        var instance: InstanceKey
        var task: TaskID
    }

    var tasks: [PendingNumber: Task] = [:]
}

/// One attempt at a task, as observers know it.
struct Attempt: Hashable {
    var instance: InstanceID
    var incarnation: Incarnation
    var task: TaskID
    var number: Int

    init(_ instance: InstanceID, _ incarnation: Incarnation, _ task: TaskID, _ number: Int) {
        self.instance = instance
        self.incarnation = incarnation
        self.task = task
        self.number = number
    }
}
