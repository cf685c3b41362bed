import RepriseKernel

/// The time limits of a projector; tests pass their own `sleep`.
package struct ProjectorPace: Sendable {
    /// How often each partition is compared with the model even without a sign of loss.
    package var comparison: Duration = .seconds(60)
    /// How long known messages may fail to arrive before they count as lost.
    package var grace: Duration = .milliseconds(500)
    /// The pause after a partition gave no answer; it doubles up to `longestPause`.
    package var firstPause: Duration = .milliseconds(250)
    package var longestPause: Duration = .seconds(15)
    /// How many instances a page asks for.
    package var pageSize = 200
    package var sleep: @Sendable (Duration) async throws -> Void = { try await ContinuousClock().sleep(for: $0) }

    package init() {}

    func pause(after failures: Int) -> Duration {
        firstPause.doubled(after: failures, atMost: longestPause)
    }
}
