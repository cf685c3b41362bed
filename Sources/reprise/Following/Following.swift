import RepriseBroker
import RepriseKernel

extension HubAccess {
    /// Follows one instance to its end, on the screen unless `quietly`, then gives its output to stdout.
    ///
    /// - Throws: a failure with the exit code 1 when it ended otherwise than completed, with 3 when `timeout` was over.
    func follow(
        _ instance: InstanceID,
        timeout: Duration?,
        quietly: Bool = false,
        _ beginning: @escaping @Sendable (BrokerHubClient) async throws -> Bool
    ) async throws {
        let display = quietly ? nil : FollowDisplay(instance: instance)
        let story: InstanceStory?
        do {
            story = try await withClient { client in
                let follower = InstanceFollower(
                    access: self,
                    client: client,
                    instance: instance,
                    onNews: { display?.show($0) }
                )
                return try await withThrowingTaskGroup(of: Optional<InstanceStory>.self) { group in
                    defer { group.cancelAll() }
                    // Drawn beside the work, whose end ends everything.
                    async let _: Void? = display?.run()
                    group.addTask { try await follower.follow { try await beginning(client) } }
                    if let timeout {
                        group.addTask {
                            try await ContinuousClock().sleep(for: timeout)
                            return nil
                        }
                    }
                    // An async let that is not awaited is cancelled at the end of its scope.
                    return try await group.next() ?? nil
                }
            }
        } catch {
            display?.abandon()
            throw error
        }
        guard let story else {
            display?.abandon()
            throw CommandFailure(
                .notReached,
                "'\(instance)' has not ended within \(Amount.duration(timeout ?? .zero)); it goes on: reprise watch \(instance)"
            )
        }
        display?.finish(story)
        try conclude(story, instance)
    }

    private func conclude(_ story: InstanceStory, _ instance: InstanceID) throws {
        switch story.runtimeStatus {
        case _ where story.isPurged: throw CommandFailure(.failed, "'\(instance)' was purged")
        case .completed: Output.line(story.output.bytes)
        case .failed:
            let reason = story.failure?.description ?? story.output.text
            throw CommandFailure(.failed, "'\(instance)' failed: \(Text.line(reason))")
        default:
            let reason = story.output.isNull ? "" : ": \(Text.line(story.output.text))"
            throw CommandFailure(.failed, "'\(instance)' was \(StoryLine.word(story).lowercased())\(reason)")
        }
    }
}
