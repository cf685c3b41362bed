import RepriseKernel

/// Sub-orchestrations, from both sides.
///
/// ```
///  parent's partition ── start, with the task's address ──► child's partition
///                     ◄── its end, to that address ────────
/// ```
///
/// In both directions it is a message like any other: decided in a commit, sent until confirmed, recognized when
/// repeated.
extension Partition {
    /// A start of a child that already exists, from the same task that started it: a rewound parent asks again.
    ///
    /// If the parent has seen it fail, it asks under a new address: the old failure, delivered again, must not be taken
    /// for the answer.
    func adoptChild(
        _ child: LiveInstance,
        for parent: TaskAddress,
        takesUp: Bool
    ) throws(JournalError) -> Rejection? {
        let rewinds = takesUp && child.row.runtimeStatus == .failed
        if rewinds || !child.row.runtimeStatus.isEnded {
            try fold(child)
            let known = if let address = child.addressed { address } else { try beginning(of: child)?.parent }
            if known != parent {
                child.address(parent)
                append(.parentAddressed(parent), to: child)
            }
            return rewinds ? try rewind(child.row.id, .string("its parent '\(parent.instance)' was rewound")) : nil
        }
        // Ended, and its parent has not received it or has forgotten it.
        if let outcome = try journal.outcome(of: child.row) {
            inline.send(
                .result(TaskResult(instance: parent.instance, token: parent.token, outcome: outcome))
            )
        }
        return nil
    }

    /// Tells the caller that a start or an operation was refused. True when a caller learns of it this way, or when
    /// none needs to.
    func answerCaller(of command: Command, _ refusal: Rejection) -> Bool {
        guard let caller = command.action.caller else {
            // A parent that cancels or terminates its child need not be told that it has already ended, or belongs to another.
            return switch command.action {
            case .cancel, .terminate, .purge: command.isInternal
            default: false
            }
        }
        let failure = Failure(
            type: refusal.code == .unknownEntity ? Failure.Kind.unknownEntity : Failure.Kind.notStarted,
            message: refusal.reason,
            details: refusal.code.rawValue,
            isNonRetriable: refusal.code != .alreadyExists && refusal.code != .tooManyPending
        )
        give(.failed(failure), to: caller)
        return true
    }

    /// Sends a command to the children that it still waits for, each with the task that started it.
    func sendToChildren(of instance: LiveInstance, _ action: (TaskAddress) -> Command.Action) {
        for (_, task) in (instance.open?.tasks ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard case .orchestration(let child, _, _, _, _) = task.target else { continue }
            send(action(instance.row.address(of: task)), to: child, from: instance)
        }
    }

    /// They are waited for no longer, and their policies say what becomes of them.
    func closeChildren(of instance: LiveInstance) {
        for (_, task) in (instance.open?.tasks ?? [:]).sorted(by: { $0.key < $1.key }) { close(task, of: instance) }
    }

    func close(_ task: ScheduledTask, of instance: LiveInstance) {
        guard let (child, action) = task.closing(by: instance.row.address(of: task)) else { return }
        send(action, to: child, from: instance)
    }

    /// Purges all children that this generation called.
    func purgeChildren(of instance: LiveInstance) throws(JournalError) {
        for record in try history(of: instance) ?? [] {
            guard case .taskScheduled(let task) = record.event, case .orchestration(let child, _, _, _, _) = task.target
            else { continue }
            let parent = instance.row.address(of: task)
            inline.send(.command(child, .purge(children: true, childOf: parent)))
        }
    }

    /// Why a command to a child is not meant for this instance: the id was taken when the child was to be started.
    func refusal(of parent: TaskAddress?, by instance: LiveInstance) throws(JournalError) -> Rejection? {
        guard let parent, try beginning(of: instance)?.parent?.isSameTask(as: parent) != true else { return nil }
        return Rejection(.unknownInstance, "instance '\(instance.row.id)' is not a child of '\(parent.instance)'")
    }

    /// On the execution's behalf, but not by its code's decision.
    func send(_ action: Command.Action, to other: InstanceID, from instance: LiveInstance) {
        append(.messageSent(SentMessage(id: TaskID(0), to: other, action: action)), to: instance)
    }

    /// Workers need not continue: no one is waiting.
    func withdrawTasks(of instance: LiveInstance, because reason: String) {
        for (_, task) in (instance.open?.tasks ?? [:]).sorted(by: { $0.key < $1.key }) {
            withdraw(task, of: instance, because: reason)
        }
    }

    func withdraw(_ task: ScheduledTask, of instance: LiveInstance, because reason: String) {
        guard task.target == .activity else { return }
        batch.withdraw(
            WithdrawnTask(activity: task.name, address: instance.row.address(of: task), reason: reason)
        )
    }
}

extension TaskAddress {
    /// Whether it names the same call, perhaps in another attempt.
    func isSameTask(as other: TaskAddress) -> Bool {
        instance == other.instance && token.incarnation == other.token.incarnation && token.task == other.token.task
    }
}

extension ScheduledTask {
    /// What to tell a sub-orchestration that is waited for no longer; nil where it goes on.
    fileprivate func closing(by parent: TaskAddress) -> (InstanceID, Command.Action)? {
        guard case .orchestration(let child, _, _, _, let policy) = target else { return nil }
        let reason = Payload.string("'\(parent.instance)' waits for it no longer")
        switch policy {
        case .abandon: return nil
        case .cancel: return (child, .cancel(reason: reason, childOf: parent))
        case .terminate: return (child, .terminate(reason: reason, children: false, childOf: parent))
        }
    }
}
