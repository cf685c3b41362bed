package import Logging
package import RepriseEngine
package import RepriseKernel
import Synchronization

/// Shares a hub's partitions with its other nodes: a ``ClusterMembership`` with a clock, a connection, and its waiters.
package final class ClusterPolicy: AssignmentPolicy {
    private enum Wish: Hashable {
        case wanted(PartitionNumber)
        case unwanted(PartitionNumber)
    }

    private struct State {
        var membership: ClusterMembership
        var waiters: [(number: UInt64, wish: Wish, told: Promise<Void>)] = []
        var nextWaiter: UInt64 = 0
        /// Set at each change, and then replaced by another one.
        var nextChange = Promise<Void>()

        mutating func noteChange() {
            nextChange.set(())
            nextChange = Promise()
        }

        func resume(_ wish: Wish) {
            for waiter in waiters where waiter.wish == wish { waiter.told.set(()) }
        }
    }

    private let state: Mutex<State>
    private let clock = ContinuousClock()
    private let origin = ContinuousClock.now
    private let wakeUps = BatchQueue<Void>()
    private let inbox = BatchQueue<NodeDirectory.Event>()
    private let directory: NodeDirectory
    private let memory: (any PartitionMemory)?
    private let logger: Logger

    /// - Parameters:
    ///   - id: generated when the process started.
    ///   - heartbeat: how often the node announces itself.
    ///   - hasLog: whether a partition can live on without its journal.
    ///   - memory: what this node's data directory remembers of the hub.
    ///   - orchestrators: what its program can run.
    package init(
        endpoint: BrokerEndpoint,
        hub: HubName,
        id: NodeID,
        name: String,
        partitionCount: Int,
        heartbeat: Duration,
        hasLog: Bool,
        memory: (any PartitionMemory)? = nil,
        orchestrators: [OrchestratorAnnouncement] = [],
        logger: Logger
    ) {
        let membership = ClusterMembership(
            id: id,
            name: name,
            heartbeat: heartbeat,
            partitionCount: partitionCount,
            hasLog: hasLog,
            known: memory?.known() ?? [],
            orchestrators: orchestrators
        )
        state = Mutex(State(membership: membership))
        self.memory = memory
        self.logger = logger
        directory = NodeDirectory(endpoint: endpoint, hub: hub, logger: logger) { [inbox] event in inbox.post([event]) }
    }

    private var now: Duration { clock.now - origin }

    /// What has been heard of the others so far.
    package var view: ClusterView { state.withLock { $0.membership.view } }

    // MARK: Running

    /// Hears, announces and decides until the task is canceled.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await self.directory.run() }
            group.addTask { await self.hear() }
            group.addTask { await self.decide() }
            try await group.next()
        }
    }

    /// Announces that this node stops, and returns when all its partitions are given up, or after `timeout`.
    package func leave(within timeout: Duration = .seconds(5)) async {
        change { $0.leave(at: $1) }
        let deadline = clock.now + timeout
        while clock.now < deadline, !Task.isCancelled {
            let (isDone, nextChange) = state.withLock { ($0.membership.hasLeft, $0.nextChange) }
            if isDone { return }
            await first(nextChange, until: deadline)
        }
    }

    private func hear() async {
        while let all = await inbox.next() {
            for event in all {
                change { membership, now in
                    switch event {
                    case .connected: membership.connect(at: now)
                    case .disconnected: membership.disconnect(at: now)
                    case .heard(let announcement): membership.hear(announcement, at: now)
                    case .hello: membership.hearHello(at: now)
                    case .looked(let partition, let isFree): membership.looked(partition, isFree: isFree, at: now)
                    }
                }
            }
            remember()
        }
    }

    private func remember() {
        guard let memory else { return }
        let known = state.withLock { $0.membership.known }
        do {
            try memory.remember(known)
        } catch {
            logger.warning("the known partitions of the hub cannot be recorded: \(error)")
        }
    }

    private func decide() async {
        while !Task.isCancelled {
            let next = act()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [wakeUps] in _ = await wakeUps.next() }
                if let next {
                    let instant = origin + next
                    group.addTask { [clock] in try? await clock.sleep(until: instant) }
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Does what is due now, and says when to ask again.
    private func act() -> Duration? {
        let (actions, next) = state.withLock { state in
            let (actions, next) = state.membership.act(at: now)
            for action in actions {
                switch action {
                case .go(let partition): state.resume(.wanted(partition))
                case .yield(let partition): state.resume(.unwanted(partition))
                case .announce, .sayHello, .look: break
                }
            }
            state.noteChange()
            return (actions, next)
        }
        for action in actions {
            switch action {
            case .announce(let announcement): directory.announce(announcement)
            case .sayHello: directory.sayHello()
            case .look(let partition): directory.look(at: partition)
            case .go: break
            case .yield(let partition): logger.info("partition \(partition) is given up for another node")
            }
        }
        return next
    }

    private func change(_ body: (inout ClusterMembership, Duration) -> Void) {
        state.withLock { state in
            body(&state.membership, now)
            state.noteChange()
        }
        wakeUps.post([()])
    }

    // MARK: AssignmentPolicy

    package func untilWanted(_ partition: PartitionNumber) async throws(CancellationError) {
        do {
            try await wait(for: .wanted(partition)) { $0.wait(for: partition, at: $1) }
        } catch {
            change { membership, _ in membership.stopWaiting(for: partition) }
            throw error
        }
    }

    package func untilUnwanted(_ partition: PartitionNumber) async throws(CancellationError) {
        guard !state.withLock({ $0.membership.isUnwanted(partition) }) else { return }
        try await wait(for: .unwanted(partition)) { _, _ in }
    }

    package func pointer(of partition: PartitionNumber) async throws(CancellationError) -> LogAddress {
        while !Task.isCancelled {
            let (pointer, nextChange) = state.withLock { state in
                (state.membership.view.owner(of: partition)?.announcement[partition]?.log, state.nextChange)
            }
            if let pointer { return pointer }
            _ = await nextChange.value()
        }
        throw CancellationError()
    }

    package func bootstrap(
        _ partition: PartitionNumber,
        holding: HeldJournal?
    ) async throws(CancellationError) -> BootstrapAnswer {
        while !Task.isCancelled {
            let verdict = state.withLock { $0.membership.bootstrap(of: partition, holding: holding, at: now) }
            switch verdict {
            case .here: return .here
            case .elsewhere(let reason): return .elsewhere(reason)
            case .ask(let instant):
                do { try await clock.sleep(until: origin + instant) } catch { throw CancellationError() }
            }
        }
        throw CancellationError()
    }

    package func note(_ announcement: PartitionAnnouncement) { change { $0.note(announcement, at: $1) } }

    // MARK: Waiting

    /// - Parameter change: made in the same moment: code that acts on it finds the waiters.
    private func wait(
        for wish: Wish,
        _ change: (inout ClusterMembership, Duration) -> Void
    ) async throws(CancellationError) {
        let told = Promise<Void>()
        let number = state.withLock { state in
            state.nextWaiter += 1
            state.waiters.append((state.nextWaiter, wish, told))
            change(&state.membership, now)
            state.noteChange()
            return state.nextWaiter
        }
        wakeUps.post([()])
        // Told between the question and the waiting.
        if case .unwanted(let partition) = wish, state.withLock({ $0.membership.isUnwanted(partition) }) {
            told.set(())
        }
        let isTold: Void? = await told.value()
        state.withLock { state in state.waiters.removeAll { $0.number == number } }
        guard isTold != nil else { throw CancellationError() }
    }

    private func first(_ nextChange: Promise<Void>, until deadline: ContinuousClock.Instant) async {
        _ = try? await within(clock.now.duration(to: deadline), of: clock) { _ = await nextChange.value() }
    }
}
