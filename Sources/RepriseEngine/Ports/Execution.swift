package import Reprise
package import RepriseKernel

/// The code of one execution, as its partition sees it: it takes events, one at a time, and returns decisions.
///
/// An ``OrchestrationSession`` runs it in this process, on the partition's thread. Wherever it runs, the same history
/// gives the same decisions, and a partition may evict it at any moment and rebuild it from history.
package protocol Execution: AnyObject {
    var identity: ExecutionIdentity { get }
    /// Applies one event, and lets the code run until it can run no further.
    func apply(_ event: HistoryEvent, at time: Timestamp, replaying: Bool) -> Turn
    /// Takes the code through one step of history.
    func replay(_ step: Replay.Step) -> Turn
    /// The custom status that history says, where that is more than the steps that were replayed.
    func resume(customStatus: Payload)
    /// The last number that the code has given: where the next generation's begin.
    var lastTask: TaskID { get }
    /// Whether the code awaits this task's result or this timer now.
    func isAwaiting(_ task: TaskID) -> Bool
    /// Whether the code awaits an event of this name now.
    func isAwaiting(event name: String) -> Bool
    /// The names of the events that the code awaits now, longest wait first.
    var awaitedEvents: [String] { get }
    /// Ends the code; nothing of that is recorded.
    func evict()
}

extension OrchestrationSession: Execution {}
