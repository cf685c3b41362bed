import Synchronization

/// Lets only one partition of a process at a time try a known suspect.
package final class TrialGate: Sendable {
    private let gate = Mutex(())

    package init() {}

    func withLock<Result: Sendable, Problem: Error>(
        _ body: () throws(Problem) -> Result
    ) throws(Problem) -> Result {
        try gate.withLock { _ throws(Problem) in try body() }
    }
}
