import RepriseEngine
import RepriseKernel

/// What workers say while they work, and what observers hear of it.
extension SimulatedHub {
    /// Some say how far they have come; it may arrive behind the answer, twice, or for a task that is over.
    func report(_ task: TaskMessage) {
        guard task.task.id.value.isMultiple(of: 3) else { return }
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
