package import Logging
package import RepriseEngine
package import RepriseKernel
import ServiceLifecycle
import Synchronization

/// Listens to a hub's nodes without being one.
package final class ClusterObserver: ClusterSource, Service {
    /// A node that has been silent for that long is not missed any more.
    private static let memory = Duration.seconds(600)
    /// Nodes answer a hello within a few milliseconds, or a moment more when they have just spoken.
    private static let hearing = Duration.milliseconds(500)
    private static let maximumActivities = 1000

    private struct State {
        var view: ClusterView
        var connectedAt: Duration?
        /// Those that were ever named: a queue outlives the node that filled it.
        var activities: Set<String> = []
    }

    private let partitionCount: Int
    private let place: String
    private let clock = ContinuousClock()
    private let origin = ContinuousClock.now
    private let state: Mutex<State>
    private let inbox = BatchQueue<NodeDirectory.Event>()
    private let directory: NodeDirectory
    /// Set with the first connection.
    private let isConnected = Promise<Void>()

    package init(endpoint: BrokerEndpoint, hub: HubName, partitionCount: Int, logger: Logger) {
        self.partitionCount = partitionCount
        place = endpoint.place
        state = Mutex(State(view: ClusterView(partitionCount: partitionCount)))
        directory = NodeDirectory(endpoint: endpoint, hub: hub, logger: logger) { [inbox] event in inbox.post([event]) }
    }

    private var now: Duration { clock.now - origin }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await self.directory.run() }
                group.addTask { await self.hear() }
                try await group.next()
            }
        }
    }

    private func hear() async {
        while let all = await inbox.next() {
            for event in all { hear(event) }
        }
    }

    private func hear(_ event: NodeDirectory.Event) {
        let now = now
        switch event {
        case .connected:
            state.withLock { $0.connectedAt = now }
            isConnected.set(())
            directory.sayHello()
        case .disconnected: state.withLock { $0.connectedAt = nil }
        case .heard(let announcement):
            state.withLock { state in
                state.view.hear(announcement, at: now)
                for name in announcement.partitions.flatMap(\.activities)
                where state.activities.count < Self.maximumActivities { state.activities.insert(name) }
                state.view.forget { member in
                    now - member.heard > Self.memory || member.announcement.isLeaving && member.expiry <= now
                }
            }
        case .hello, .looked: break
        }
    }

    package func cluster() async throws(HubUnavailable) -> ClusterReport {
        guard let connectedAt = state.withLock({ $0.connectedAt }) else {
            throw HubUnavailable("the nodes cannot be heard: \(noConnection)")
        }
        do {
            try await clock.sleep(until: origin + connectedAt + Self.hearing)
        } catch {
            throw HubUnavailable("the request was canceled")
        }
        var report = ClusterReport(state.withLock { $0.view }, at: now)
        let backlogs = await directory.backlogs(partitionCount)
        for index in report.partitions.indices { report.partitions[index].backlog = backlogs[index] }
        return report
    }

    private var noConnection: String {
        "there is no connection to the broker at \(place)" + (directory.outage.cause.map { ": \($0)" } ?? "")
    }

    package func activities() async throws(HubUnavailable) -> [ActivityBacklog] {
        let (isConnected, names) = state.withLock { ($0.connectedAt != nil, $0.activities.sorted()) }
        guard isConnected else {
            throw HubUnavailable("the queues cannot be seen: \(noConnection)")
        }
        return await directory.backlogs(ofActivities: names)
    }

    /// What is heard within a moment; for a single look.
    package static func once(
        endpoint: BrokerEndpoint,
        hub: HubName,
        partitionCount: Int,
        logger: Logger
    ) async throws -> ClusterReport {
        let observer = ClusterObserver(endpoint: endpoint, hub: hub, partitionCount: partitionCount, logger: logger)
        return try await withThrowingTaskGroup(of: ClusterReport?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await observer.run()
                return nil
            }
            group.addTask {
                try await within(.seconds(5), of: ContinuousClock(), "listening to the nodes") {
                    _ = await observer.isConnected.value()
                    return try await observer.cluster()
                }
            }
            while let report = try await group.next() {
                if let report { return report }
            }
            throw CancellationError()
        }
    }
}
