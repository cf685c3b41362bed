import Logging
import Reprise
import RepriseEngine
import RepriseJournal
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

/// A node's process: a contender for every partition, two connections, and a death that may come between any two steps.
final class SimulatedProcess {
    unowned let hub: SimulatedHub
    let node: SimulatedNode
    private(set) var contenders: [SimulatedContender] = []
    private(set) var owning: SimulatedConnection?
    private(set) var consuming: SimulatedConnection?
    private(set) var isDead = false
    var frozenUntil: Duration?
    /// Its node's disk goes with it.
    var losesDisk = false
    /// The journals that are open.
    var journals: [PartitionNumber: any PartitionJournal] = [:]
    let isMissingCode: Bool
    /// Drawn at its start, as its announcements' is.
    let id: NodeID
    private var view: ClusterView
    private(set) var plan: AssignmentPlan
    private var announces = Duration.zero

    init(_ hub: SimulatedHub, _ node: SimulatedNode, orchestrators: [String: RegisteredOrchestrator]) {
        self.hub = hub
        self.node = node
        isMissingCode = orchestrators.count < hub.orchestrators.count
        id = "\(node.name).\(hub.random.next() % 1_000_000)"
        view = ClusterView(partitionCount: hub.partitions.count)
        plan = AssignmentPlan(view, hasLog: hub.hasLog)
        contenders = hub.partitions.map { partition in
            let store = MemoryJournalStore(
                disk: node.disk,
                hub: hub.name,
                partition: partition,
                partitionCount: hub.partitions.count,
                makeID: { [unowned hub] in hub.nextJournalID() }
            )
            let replica = PartitionReplica(
                store: WatchedStore(store, self),
                orchestrators: orchestrators,
                entities: hub.entities,
                settings: hub.drawSettings(node.name),
                environment: hub.environment(of: node),
                marker: SimulatedMarker(node, partition),
                logger: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() })
            )
            return SimulatedContender(self, partition, replica)
        }
    }

    var isFrozen: Bool { frozenUntil.map { hub.now < $0 } ?? false }
    private var isBusy: Bool { contenders.contains { $0.isBusy } }

    // MARK: Its life

    /// One round of its threads.
    func turn() {
        if !isFrozen, !isDead {
            receive()
            if hub.now >= announces { announce() }
            for contender in contenders.shuffled(using: &hub.random) where !contender.isBusy && !isDead && !isFrozen {
                contender.turn()
            }
        }
        if isDead, !isBusy { remove() }
    }

    /// Keeps two connections, and takes what the broker sent.
    private func receive() {
        for connection in [owning, consuming] {
            guard let connection else { continue }
            // No one answers the heartbeats.
            if let since = connection.cutSince, hub.now - since > SimulatedBroker.heartbeat * 2 {
                connection.abandon(keeping: connection.visible)
            }
        }
        if owning?.isUsable != true || consuming?.isUsable != true {
            for connection in [owning, consuming] { connection.map { $0.abandon(keeping: $0.visible) } }
            owning = nil
            consuming = nil
            for contender in contenders where !contender.isBusy { contender.lose() }
            guard !contenders.contains(where: { $0.isBusy }) else { return }
            owning = hub.broker.connect(self)
            consuming = hub.broker.connect(self)
        }
        for connection in [owning, consuming] {
            guard let connection, connection.cutSince == nil else { continue }
            let events = connection.events
            connection.events = []
            for event in events { take(event, connection) }
        }
    }

    /// Tells all who can be reached what it has, as every node does at each heartbeat; and thinks over who should have
    /// what.
    private func announce() {
        guard let owning, owning.isUsable, owning.cutSince == nil, hub.broker.isUp else { return }
        announces = hub.now + SimulatedBroker.heartbeat
        let partitions = contenders.map { contender in
            let standing = node.standings[contender.partition]
            return PartitionAnnouncement(
                partition: contender.partition,
                role: contender.replica.partition != nil ? .owner : standing != nil ? .standby : .none,
                holding: standing.map { HeldJournal(journal: "journal", standing: $0) },
                log: nil,
                trouble: node.damage?.partition == contender.partition ? "a row of it is damaged" : nil
            )
        }
        let announcement = NodeAnnouncement(
            id: id,
            name: node.name,
            heartbeat: SimulatedBroker.heartbeat,
            isLeaving: false,
            partitions: partitions
        )
        for process in hub.nodes.compactMap({ $0.process }) where process === self || hub.random.chance(95) {
            process.hear(announcement)
        }
    }

    private func hear(_ announcement: NodeAnnouncement) {
        guard !isDead, !isFrozen, owning?.isUsable == true, owning?.cutSince == nil else { return }
        view.hear(announcement, at: hub.now)
        _ = view.expire(at: hub.now)
        plan = AssignmentPlan(view, hasLog: hub.hasLog)
    }

    private func take(_ event: SimulatedConnection.Event, _ connection: SimulatedConnection) {
        switch event {
        case .confirmed(let tag), .returned(let tag):
            for contender in contenders {
                guard let tenure = contender.tenure, tenure.owning === connection,
                    let number = tenure.outbound.removeValue(forKey: tag)
                else { continue }
                let isReturned = if case .returned = event { hub.flaw != .takesReturnedForSent } else { false }
                contender.settlements.append(
                    OutboundSettlement(
                        number: number,
                        outcome: isReturned ? .undeliverable(reason: "returned") : .confirmed
                    )
                )
            }
        case .late(let tag):
            guard hub.flaw != .waitsForEveryConfirm else { return }
            for contender in contenders {
                guard let tenure = contender.tenure, tenure.owning === connection,
                    let number = tenure.outbound.removeValue(forKey: tag)
                else { continue }
                contender.settlements.append(OutboundSettlement(number: number, outcome: .unconfirmed(reason: "late")))
            }
        case .delivered(let tenure, let tag, let letter):
            guard let contender = contenders.first(where: { $0.tenure === tenure }) else { return }
            contender.deliveries.append(hub.delivery(letter, tag: tag))
        }
    }

    /// Killed: what it had written may yet arrive.
    func die() {
        guard !isDead else { return }
        isDead = true
        for connection in [owning, consuming] {
            guard let connection else { continue }
            let count = connection.visible
            connection.abandon(keeping: hub.random.chance(70) ? count : Int.random(in: 0...count, using: &hub.random))
        }
    }

    private func remove() {
        for contender in contenders { contender.replica.close() }
        node.disk.crash()
        if losesDisk {
            hub.note(.diskLost)
            node.loseDisk()
        }
        if node.process === self { node.process = nil }
        (contenders, journals) = ([], [:])
    }

    // MARK: Peril

    let death = JournalError(.failed, "the process has died")

    /// Between two steps: here the process may die, freeze and wake much later, or lose its connections.
    func reach(_ point: CrashPoint) throws(JournalError) {
        guard !isDead else { throw death }
        hub.coverage.reach(point)
        guard !hub.isHealed, Int.random(in: 0..<100_000, using: &hub.random) < point.risk else { return }
        switch Int.random(in: 0..<100, using: &hub.random) {
        case 0..<50:
            hub.coverage.die(point)
            die()
            throw death
        case 50..<75:
            guard hub.freeze(self) else { return }
            hub.coverage.freeze(point)
            guard !isDead else { throw death }
        default:
            hub.coverage.cut(point)
            for connection in [owning, consuming] { connection.map(cutOff) }
        }
    }

    func cutOff(_ connection: SimulatedConnection) {
        hub.note(.cut)
        connection.cut(at: hub.now, arrived: Int.random(in: 0...connection.wire.count, using: &hub.random))
    }

    /// Gives a tenure up: its channels close, after all that was written there.
    func leave(_ tenure: Tenure) {
        guard !tenure.isOver else { return }
        tenure.isOver = true
        guard !isDead else { return }
        tenure.consuming.write(.close, tenure)
        tenure.owning.write(.close, tenure)
    }
}

/// The file beside a partition's journal. No orchestrator of the load traps, and no one dies within a turn, but before
/// and after one.
final class SimulatedMarker: TurnMarker {
    struct Mark {
        var epoch: Epoch = 0
        var trial: InstanceID?
    }

    private let node: SimulatedNode
    private let partition: PartitionNumber

    init(_ node: SimulatedNode, _ partition: PartitionNumber) {
        self.node = node
        self.partition = partition
    }

    var epoch: Epoch {
        get { node.marks[partition]?.epoch ?? 0 }
        set { node.marks[partition, default: Mark()].epoch = newValue }
    }

    func beginTrial(of instance: InstanceID) { node.marks[partition, default: Mark()].trial = instance }
    func endTrial() { node.marks[partition]?.trial = nil }
    func enter(_ instance: InstanceID) {}
    func leave() {}

    func takeUnfinished() -> UnfinishedTurn? {
        defer { endTrial() }
        return node.marks[partition]?.trial.map {
            UnfinishedTurn(instance: $0, death: .none, epoch: epoch, isTrial: true)
        }
    }
}
