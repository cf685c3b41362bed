import RepriseKernel

/// What one batch gathers besides changes of the partition's state: its effects, and how to commit it.
struct Batch {
    private(set) var answers: [Reply] = []
    private(set) var queries: [(query: Query, address: ReplyAddress)] = []
    private(set) var withdrawn: [WithdrawnTask] = []
    private(set) var resumed: [ProgressReport] = []
    /// Messages of the retry table that are due.
    private(set) var republish: [Outbound] = []
    /// The callers whose answers are on their way; nil when not computed yet.
    private(set) var answersUnderWay: Set<TaskAddress>?
    /// The callers answered now by a message that is in no history.
    private var answered: Set<TaskAddress> = []
    /// The last turn was a trial, and must be committed before any other runs.
    private(set) var isTrial = false
    /// A commit is needed although no state has changed.
    private(set) var isNeeded = false

    /// Where the same handling goes on behind a commit of what it had so far: that lets out its answers, its queries wait.
    var continued: Batch {
        var next = Batch()
        next.queries = queries
        next.answersUnderWay = answersUnderWay
        next.answered = answered
        return next
    }

    func isAnswered(_ caller: TaskAddress) -> Bool { answered.contains(caller) }

    mutating func answer(_ address: ReplyAddress, _ answer: Answer) {
        answers.append(Reply(to: address, answer: answer))
    }

    mutating func ask(_ query: Query, for address: ReplyAddress) { queries.append((query, address)) }

    mutating func withdraw(_ task: WithdrawnTask) { withdrawn.append(task) }

    mutating func resume(_ report: ProgressReport) { resumed.append(report) }

    mutating func sendAgain(_ message: Outbound) { republish.append(message) }

    mutating func noteUnderWay(_ callers: Set<TaskAddress>) { answersUnderWay = callers }

    mutating func noteAnswer(to caller: TaskAddress) { answered.insert(caller) }

    mutating func beginTrial() { isTrial = true }

    /// Wants a commit, whether or not a state changes.
    mutating func require() { isNeeded = true }
}
