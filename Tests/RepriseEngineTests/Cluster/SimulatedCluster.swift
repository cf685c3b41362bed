import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

@testable import RepriseEngine

/// Nodes that share a hub's partitions over a simulated broker and simulated time: locks, announcements that come late or
/// never, connections that break, processes that die or freeze. A seed is a run.
final class SimulatedCluster {
    enum Event {
        /// Void when another time has been set since.
        case tick(Int, Duration)
        case hear(Int, NodeAnnouncement)
        case hello(Int)
        case looked(Int, PartitionNumber, isFree: Bool, connection: Int)
        /// The broker answers a try for a lock.
        case lockAnswer(Int, PartitionNumber, connection: Int)
        case taken(Int, PartitionNumber, connection: Int)
        case drained(Int, PartitionNumber, connection: Int)
        case follows(Int, life: Int)
        case connected(Int, life: Int)
        /// The broker notices that a frozen node is silent.
        case evicted(Int, connection: Int)
        case thawed(Int)
        case brokerUp
    }

    final class Node {
        var membership: ClusterMembership
        var isAlive = true
        var isFrozen = false
        var isEvicted = false
        var isConnected = false
        /// Counts connections; what belongs to an older one is void.
        var connection = 0
        var life = 0
        var nextTick: Duration?
        var follows = false
        /// What happened while it was frozen.
        var backlog: [Event] = []

        init(_ membership: ClusterMembership) { self.membership = membership }
    }

    let partitionCount: Int
    let hasLog: Bool
    let heartbeat = Duration.seconds(5)
    var random: SeededRandom
    private(set) var now = Duration.zero
    private(set) var nodes: [Node] = []
    /// The node that holds each lock.
    private(set) var locks: [Int?]
    private(set) var epochs: [Epoch]
    private(set) var founders: [Int?]
    private var isBrokerUp = true
    /// Of a hundred announcements.
    var lostAnnouncements = 0
    private var queue: [(time: Duration, order: Int, event: Event)] = []
    private var order = 0

    // What was seen.
    private(set) var takes = 0
    private(set) var moves = 0
    private(set) var announcements = 0
    private(set) var looks = 0
    private var freeSince: [Duration]
    /// How long partitions were no one's, by who came after.
    private(set) var holes: [Duration] = []

    init(seed: UInt64, partitions: Int, hasLog: Bool = true) {
        random = SeededRandom(seed: seed)
        partitionCount = partitions
        self.hasLog = hasLog
        locks = Array(repeating: nil, count: partitions)
        epochs = Array(repeating: 0, count: partitions)
        founders = Array(repeating: nil, count: partitions)
        freeSince = Array(repeating: .zero, count: partitions)
    }

    // MARK: What happens to them

    @discardableResult
    func join() -> Int {
        let index = nodes.count
        nodes.append(Node(membership("n\(index)-\(random.next() % 10_000)")))
        start(index)
        return index
    }

    private func membership(_ id: String) -> ClusterMembership {
        ClusterMembership(
            id: NodeID(rawValue: id),
            name: id,
            heartbeat: heartbeat,
            partitionCount: partitionCount,
            hasLog: hasLog
        )
    }

    private func start(_ index: Int) {
        let life = nodes[index].life
        post(milliseconds(50...400), .connected(index, life: life))
        if hasLog { post(milliseconds(800...4_000), .follows(index, life: life)) }
    }

    func kill(_ index: Int) {
        nodes[index].isAlive = false
        nodes[index].life += 1
        nodes[index].connection += 1
        nodes[index].isConnected = false
        release(of: index)
    }

    /// The process comes back, with its disk, and another id.
    func restart(_ index: Int) {
        let node = nodes[index]
        node.isAlive = true
        node.isFrozen = false
        node.isEvicted = false
        node.follows = false
        node.backlog = []
        node.nextTick = nil
        node.membership = membership("n\(index)-\(random.next() % 10_000)")
        for number in 0..<partitionCount where hasJournal(index, number) {
            node.membership.note(state(index, number, .standby), at: now)
        }
        start(index)
    }

    func freeze(_ index: Int, for duration: Duration) {
        nodes[index].isFrozen = true
        post(heartbeat * 2.5, .evicted(index, connection: nodes[index].connection))
        post(duration, .thawed(index))
    }

    func leave(_ index: Int) {
        nodes[index].membership.leave(at: now)
        act(index)
    }

    func restartBroker(after downtime: Duration) {
        isBrokerUp = false
        for number in locks.indices where locks[number] != nil { free(number) }
        for index in nodes.indices where nodes[index].isAlive { lostConnection(index) }
        post(downtime, .brokerUp)
    }

    func cut(_ index: Int) {
        release(of: index)
        lostConnection(index)
        post(milliseconds(50...1_000), .connected(index, life: nodes[index].life))
    }

    // MARK: Running

    func run(for duration: Duration) {
        let end = now + duration
        while let next = queue.first, next.time <= end {
            pop()
            now = max(now, next.time)
            handle(next.event)
        }
        now = end
    }

    var living: [Int] {
        nodes.indices.filter { nodes[$0].isAlive && !nodes[$0].isFrozen && !nodes[$0].membership.own.isLeaving }
    }

    /// Partitions by living node.
    var shares: [Int] { living.map { index in locks.count { $0 == index } } }

    private func handle(_ event: Event) {
        if let index = event.node, nodes[index].isFrozen {
            if case .evicted(_, let connection) = event, nodes[index].connection == connection {
                release(of: index)
                nodes[index].connection += 1
                nodes[index].isEvicted = true
            } else if case .thawed = event {
                thaw(index)
            } else {
                nodes[index].backlog.append(event)
            }
            return
        }
        switch event {
        case .tick(let index, let time):
            guard nodes[index].nextTick == time else { return }
            nodes[index].nextTick = nil
            act(index)
        case .hear(let index, let announcement):
            guard nodes[index].isConnected else { return }
            nodes[index].membership.hear(announcement, at: now)
            act(index)
        case .hello(let index):
            guard nodes[index].isConnected else { return }
            nodes[index].membership.hearHello(at: now)
            act(index)
        case .looked(let index, let partition, let isFree, let connection):
            guard nodes[index].connection == connection else { return }
            nodes[index].membership.looked(partition, isFree: isFree, at: now)
            act(index)
        case .lockAnswer(let index, let partition, let connection):
            guard nodes[index].connection == connection else { return }
            guard isBrokerUp, locks[partition.value] == nil, mayFound(index, partition.value) else {
                return claimWaits(index, partition)
            }
            locks[partition.value] = index
            post(milliseconds(5...80), .taken(index, partition, connection: connection))
        case .taken(let index, let partition, let connection):
            guard nodes[index].connection == connection else { return }
            took(index, partition)
        case .drained(let index, let partition, let connection):
            guard nodes[index].connection == connection, locks[partition.value] == index else { return }
            free(partition.value)
            nodes[index].membership.note(state(index, partition.value, .standby), at: now)
            claimWaits(index, partition)
        case .follows(let index, let life):
            guard nodes[index].isAlive, nodes[index].life == life else { return }
            nodes[index].follows = true
            for number in 0..<partitionCount where locks[number] != index && epochs[number] > 0 {
                nodes[index].membership.note(state(index, number, .standby), at: now)
            }
            act(index)
        case .connected(let index, let life):
            guard nodes[index].isAlive, nodes[index].life == life, !nodes[index].isConnected else { return }
            guard isBrokerUp else { return post(milliseconds(500...1_000), event) }
            nodes[index].isConnected = true
            nodes[index].membership.connect(at: now)
            for number in 0..<partitionCount { claimWaits(index, PartitionNumber(number)) }
        case .brokerUp: isBrokerUp = true
        case .evicted, .thawed: break
        }
    }

    private func thaw(_ index: Int) {
        let node = nodes[index]
        node.isFrozen = false
        let backlog = node.backlog
        node.backlog = []
        if node.isEvicted {
            // It finds its connections closed.
            node.isEvicted = false
            lostConnection(index)
            post(milliseconds(50...1_000), .connected(index, life: node.life))
        }
        for event in backlog { handle(event) }
        act(index)
    }

    private func lostConnection(_ index: Int) {
        let node = nodes[index]
        node.connection += 1
        node.isConnected = false
        node.membership.disconnect(at: now)
        for number in 0..<partitionCount {
            node.membership.stopWaiting(for: PartitionNumber(number))
            if node.membership.own[PartitionNumber(number)]?.role == .owner {
                node.membership.note(state(index, number, .standby), at: now)
            }
        }
        if !isBrokerUp { post(milliseconds(500...1_000), .connected(index, life: node.life)) }
    }

    private func took(_ index: Int, _ partition: PartitionNumber) {
        takes += 1
        epochs[partition.value] = epochs[partition.value].next
        if founders[partition.value] == nil { founders[partition.value] = index }
        holes.append(now - freeSince[partition.value])
        nodes[index].membership.note(state(index, partition.value, .owner), at: now)
        act(index)
        guard hasLog else { return }
        // Those who follow see the new partition.
        for other in nodes.indices where other != index && nodes[other].isAlive && nodes[other].follows {
            nodes[other].membership.note(state(other, partition.value, .standby), at: now)
            if !nodes[other].isFrozen { act(other) }
        }
    }

    private func claimWaits(_ index: Int, _ partition: PartitionNumber) {
        nodes[index].membership.wait(for: partition, at: now)
        act(index)
    }

    private func act(_ index: Int) {
        let node = nodes[index]
        guard node.isAlive, !node.isFrozen else { return }
        let (actions, next) = node.membership.act(at: now)
        for action in actions { perform(action, index) }
        guard let next, node.nextTick.map({ next < $0 }) ?? true else { return }
        node.nextTick = next
        post(max(.zero, next - now), .tick(index, next))
    }

    private func perform(_ action: ClusterMembership.Action, _ index: Int) {
        let connection = nodes[index].connection
        switch action {
        case .sayHello: broadcast(index) { .hello($0) }
        case .announce(let announcement):
            announcements += 1
            broadcast(index) { .hear($0, announcement) }
        case .look(let partition):
            looks += 1
            let isFree = locks[partition.value] == nil
            post(milliseconds(1...5), .looked(index, partition, isFree: isFree, connection: connection))
        case .go(let partition): post(milliseconds(2...20), .lockAnswer(index, partition, connection: connection))
        case .yield(let partition):
            moves += 1
            post(milliseconds(5...100), .drained(index, partition, connection: connection))
        }
    }

    private func broadcast(_ sender: Int, _ event: (Int) -> Event) {
        guard isBrokerUp, nodes[sender].isConnected else { return }
        for index in nodes.indices where index != sender && nodes[index].isConnected {
            guard Int(random.next() % 100) >= lostAnnouncements else { continue }
            post(milliseconds(1...20), event(index))
        }
    }

    // MARK: Locks and journals

    private func mayFound(_ index: Int, _ number: Int) -> Bool {
        hasLog || founders[number] == nil || founders[number] == index
    }

    private func hasJournal(_ index: Int, _ number: Int) -> Bool {
        hasLog ? nodes[index].follows || locks[number] == index : founders[number] == index
    }

    private func state(_ index: Int, _ number: Int, _ role: PartitionAnnouncement.Role) -> PartitionAnnouncement {
        let isHere = role == .owner || hasJournal(index, number)
        let standing = JournalPosition(commit: 100, checksum: 1, epoch: epochs[number])
        return PartitionAnnouncement(
            partition: PartitionNumber(number),
            role: isHere ? role : .none,
            holding: isHere ? HeldJournal(journal: "j\(number)", standing: standing) : nil,
            log: nil,
            trouble: nil
        )
    }

    private func release(of index: Int) {
        for number in locks.indices where locks[number] == index { free(number) }
    }

    private func free(_ number: Int) {
        locks[number] = nil
        freeSince[number] = now
    }

    // MARK: Time

    private func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(range.lowerBound + Int(random.next() % UInt64(range.count)))
    }

    private func post(_ delay: Duration, _ event: Event) {
        order += 1
        let entry = (time: now + delay, order: order, event: event)
        var (low, high) = (queue.startIndex, queue.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if (queue[middle].time, queue[middle].order) < (entry.time, entry.order) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        queue.insert(entry, at: low)
    }

    private func pop() { queue.removeFirst() }
}

extension SimulatedCluster.Event {
    var node: Int? {
        switch self {
        case .tick(let index, _), .hear(let index, _), .hello(let index), .looked(let index, _, _, _),
            .lockAnswer(let index, _, _), .taken(let index, _, _), .drained(let index, _, _), .follows(let index, _),
            .connected(let index, _), .evicted(let index, _), .thawed(let index):
            index
        case .brokerUp: nil
        }
    }
}
