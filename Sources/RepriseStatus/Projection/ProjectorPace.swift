import RepriseKernel

/// How patient a projector is; tests pass a `sleep` of their own.
package struct ProjectorPace: Sendable {
    /// How often each partition is compared with the model although nothing points to a loss.
    package var comparison: Duration = .seconds(60)
    /// How long messages that are known to exist may make no progress before they count as lost.
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
