import Foundation
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseStatus

extension HubAccess {
    /// Follows one instance to its end, on the screen unless `quietly`, then prints its output to stdout.
    ///
    /// With a `condition`, follows it until that holds, and prints its custom status at that point.
    ///
    /// - Throws: a failure with exit code 1 when it did not complete, with 3 when `timeout` expired or it ended without
    ///   meeting the condition.
    func follow(
        _ instance: InstanceID,
        until condition: StatusExpression? = nil,
        timeout: Duration?,
        quietly: Bool = false,
        _ beginning: @escaping @Sendable (BrokerHubClient) async throws -> Bool
    ) async throws {
        let display = quietly ? nil : FollowDisplay(instance: instance)
        let timeline: InstanceTimeline?
        do {
            timeline = try await withClient { client in
                let follower = InstanceFollower(
                    access: self,
                    client: client,
                    instance: instance,
                    isEnough: { timeline in condition.map { $0.holds(for: timeline) } ?? false },
                    onChange: { display?.show($0) }
                )
                // Drawn beside the work: an async let that is not awaited is canceled at the end of its scope.
                async let _: Void? = display?.run()
                guard let timeout else { return try await follower.follow { try await beginning(client) } }
                return try await within(timeout, of: ContinuousClock()) {
                    try await follower.follow { try await beginning(client) }
                }
            }
        } catch {
            display?.abandon()
            throw error
        }
        guard let timeline else {
            display?.abandon()
            let what = condition.map { "got to \($0.text)" } ?? "ended"
            throw CommandFailure(
                .notReached,
                "'\(instance)' has not \(what) within \(Amount.duration(timeout ?? .zero)); "
                    + "it still runs: reprise watch \(instance)"
            )
        }
        guard let condition else {
            display?.finish(timeline)
            return try conclude(timeline, instance)
        }
        display?.abandon()
        guard condition.holds(for: timeline) else {
            let end = timeline.isPurged ? "was purged" : "is \(TimelineLine.word(timeline))"
            throw CommandFailure(.notReached, "'\(instance)' \(end), and never reached \(condition.text)")
        }
        Output.line(timeline.customStatus.bytes)
    }

    private func conclude(_ timeline: InstanceTimeline, _ instance: InstanceID) throws {
        switch timeline.runtimeStatus {
        case _ where timeline.isPurged: throw CommandFailure(.failed, "'\(instance)' was purged")
        case .completed: Output.line(timeline.output.bytes)
        case .failed:
            let reason = timeline.failure?.description ?? timeline.output.text
            throw CommandFailure(.failed, "'\(instance)' failed: \(Text.line(reason))")
        default:
            let reason = timeline.output.isNull ? "" : ": \(Text.line(timeline.output.text))"
            throw CommandFailure(.failed, "'\(instance)' was \(TimelineLine.word(timeline).lowercased())\(reason)")
        }
    }
}

extension StatusExpression {
    fileprivate func holds(for timeline: InstanceTimeline) -> Bool {
        guard !timeline.isPurged, let status = timeline.status else { return false }
        return matches(status, now: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
    }
}
