import Logging
import RepriseBroker
import RepriseEngine
import RepriseKernel

/// Follows one instance until it ends, or until a condition holds, and misses nothing.
///
/// ```
///  subscribe ──► act (start it) or ask where it stands ──► hear every change ──► the end
///      ▲                                                     │ a gap: ask
///      └──────────── the connection was lost ────────────────┘
/// ```
struct InstanceFollower: Sendable {
    let access: HubAccess
    let client: BrokerHubClient
    let instance: InstanceID
    /// True when there is no need to keep following, though the instance is still running.
    var isEnough: @Sendable (InstanceTimeline) -> Bool = { _ in false }
    /// Called after every change.
    let onChange: @Sendable (InstanceTimeline) -> Void

    private func isOver(_ timeline: InstanceTimeline) -> Bool { timeline.isEnded || isEnough(timeline) }

    /// - Parameter beginning: runs once the subscription is active; true when every change from the first version on is
    ///   still to come, so that there is no need to ask.
    /// - Throws: `HubError` or `HubUnavailable` when the broker or the partition is unavailable at the beginning; later
    ///   it waits for both.
    func follow(_ beginning: @escaping @Sendable () async throws -> Bool) async throws -> InstanceTimeline {
        let watch = StatusWatch(endpoint: access.endpoint, hub: access.hub)
        var timeline = try await watch.run(instance: instance) { messages in
            let isNew = try await beginning()
            return try await listen(messages, InstanceTimeline(), asking: !isNew)
        }
        var isOutage = false
        while !isOver(timeline) {
            try Task.checkCancellation()
            // Once per outage, however long it takes.
            if !isOutage { access.logger.warning("The connection was lost, looking for '\(instance)' again") }
            let found = await again(watch, timeline)
            isOutage = found == nil
            timeline = found ?? timeline
        }
        return timeline
    }

    private func listen(
        _ messages: StatusWatch.Messages,
        _ timeline: InstanceTimeline,
        asking: Bool
    ) async throws -> InstanceTimeline {
        var timeline = timeline
        if asking { try await ask(&timeline) }
        guard !isOver(timeline) else { return timeline }
        for await message in messages {
            switch timeline.hear(message) {
            case .changed: onChange(timeline)
            case .old: continue
            // Without an answer, everything is checked again once there is one.
            case .gap: guard (try? await ask(&timeline)) != nil else { return timeline }
            }
            if isOver(timeline) { break }
        }
        return timeline
    }

    /// Its current status, and what it said in between if some of it is known already.
    private func ask(_ timeline: inout InstanceTimeline) async throws {
        if let found = try await client.status(of: instance, history: timeline.version > 0) {
            for message in found.history.compactMap({ $0.message(of: found.status) }) {
                guard timeline.hear(message) == .changed else { continue }
                onChange(timeline)
                if isOver(timeline) { return }
            }
            if timeline.learn(found.status) == .changed { onChange(timeline) }
        } else if timeline.version > 0 {
            timeline.learnAbsence()
            onChange(timeline)
        } else {
            throw CommandFailure.noInstance(instance, access.hub)
        }
    }

    /// A second look; nil when the broker or the partition is still unavailable.
    private func again(_ watch: StatusWatch, _ timeline: InstanceTimeline) async -> InstanceTimeline? {
        do {
            return try await watch.run(instance: instance) { messages in
                try await listen(messages, timeline, asking: true)
            }
        } catch {
            access.logger.debug("Not yet: \(error)")
            try? await ContinuousClock().sleep(for: .seconds(1))
            return nil
        }
    }
}

extension CommandFailure {
    static func noInstance(_ instance: InstanceID, _ hub: HubName) -> CommandFailure {
        CommandFailure(.failed, "there is no instance '\(instance)' in hub '\(hub)'")
    }
}
