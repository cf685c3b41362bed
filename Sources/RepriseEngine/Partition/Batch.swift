import RepriseKernel

/// What one batch gathers beside the changes of the partition's state: what it will let out, and how it is to be committed.
struct Batch {
    private(set) var answers: [Reply] = []
    private(set) var queries: [(query: Query, address: ReplyAddress)] = []
    private(set) var withdrawn: [WithdrawnTask] = []
    /// Messages of the retry table that are due.
    private(set) var republish: [Outbound] = []
    /// Whose answers are on their way; nil where nobody has asked for that.
    private(set) var answersUnderWay: Set<TaskAddress>?
    /// Who is answered now by a message that no history holds.
    private var answered: Set<TaskAddress> = []
    /// The last turn was tried, and is to be committed before any other runs.
    private(set) var isTrial = false
    /// A commit is wanted although no state has changed.
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

    mutating func sendAgain(_ message: Outbound) { republish.append(message) }

    mutating func noteUnderWay(_ callers: Set<TaskAddress>) { answersUnderWay = callers }

    mutating func noteAnswer(to caller: TaskAddress) { answered.insert(caller) }

    mutating func beginTrial() { isTrial = true }

    /// Wants a commit, whether or not a state changes.
    mutating func require() { isNeeded = true }
}
