import RepriseKernel

/// What one batch gathers beside the changes of the partition's state: what it will let out, and how it is to be committed.
struct Batch {
    var answers: [Reply] = []
    var queries: [(Query, ReplyAddress)] = []
    var withdrawn: [WithdrawnTask] = []
    /// Messages of the retry table that are due.
    var republish: [Outbound] = []
    /// Whose answers are on their way; nil where nobody has asked for that.
    var answersUnderWay: Set<TaskAddress>?
    /// Who is answered now by a message that no history holds.
    var answered: Set<TaskAddress> = []
    /// The last turn was tried, and is to be committed before any other runs.
    var isTrial = false
    /// A commit is wanted although no state has changed.
    var isNeeded = false
}
