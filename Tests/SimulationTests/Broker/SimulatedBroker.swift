import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

/// RabbitMQ as it was measured, in one thread and over simulated time.
///
/// - A lock goes with the connection that took it, once the broker has read all that was written there.
/// - Confirms come in any order, and not at all from a connection that is gone: what it published may be there or not.
/// - A connection of which nothing is heard is thrown out after two to three heartbeats.
/// - Streams keep what is confirmed through a kill -9; a power cut may take their ends.
final class SimulatedBroker {
    unowned let hub: SimulatedHub
    private(set) var connections: [SimulatedConnection] = []
    /// Who has a partition's lock, and over which connection.
    private(set) var locks: [(tenure: Tenure, connection: SimulatedConnection)?]
    var inboxes: [SimulatedInbox]
    private(set) var streams: [Stream: SimulatedStream] = [:]
    private(set) var pointers: [PartitionNumber: (pointer: LogAddress, journal: JournalID)] = [:]
    private(set) var activities: [TaskMessage] = []
    /// The partitions whose journals it knows, in a hub without logs.
    private var recorded: Set<PartitionNumber> = []
    /// Until when it is down.
    private(set) var downUntil: Duration?
    /// The highest epoch of which each partition has sent anything.
    private var epochs: [PartitionNumber: Epoch] = [:]
    /// Records of owners whose connections are gone, which the stream takes up all the same, after the next fence.
    private var late: [Stream: [[UInt8]]] = [:]
    private var graves: [(stream: Stream, at: Duration)] = []
    /// What it has routed and never confirms, and when its senders stop to wait.
    private var unconfirmed: [(tag: UInt64, connection: SimulatedConnection, due: Duration)] = []
    /// Tasks and status messages of owners whose locks are gone: they have connections of their own, which the broker may
    /// read later.
    private var stragglers: [(outbound: Outbound, partition: PartitionNumber, due: Duration)] = []
    private var lastLetter: Int64 = 0

    static let heartbeat = Duration.seconds(1)
    /// A stream younger than this does not survive a kill -9.
    static let settling = Duration.seconds(2)
    private static let confirmTimeout = Duration.seconds(3)

    init(_ hub: SimulatedHub, partitions: Int) {
        self.hub = hub
        locks = Array(repeating: nil, count: partitions)
        inboxes = Array(repeating: SimulatedInbox(), count: partitions)
    }

    var isUp: Bool { downUntil == nil }

    var isIdle: Bool {
        activities.isEmpty && stragglers.isEmpty && connections.allSatisfy { $0.wire.isEmpty && $0.events.isEmpty }
            && inboxes.allSatisfy(\.isEmpty)
    }

    /// For people.
    var load: String {
        "\(activities.count) tasks, \(connections.map { "\($0.wire.count) frames and \($0.events.count) events" }), "
            + "\(inboxes.map { "\($0.ready.count) + \($0.unacknowledged.count)" })"
    }

    // MARK: Its own time

    func step() {
        if let until = downUntil {
            guard hub.now >= until || hub.isHealed else { return }
            downUntil = nil
        }
        for connection in connections.shuffled(using: &hub.random) {
            evictIfSilent(connection)
            serve(connection, hub.isHealed ? .max : Int.random(in: 0...12, using: &hub.random))
            if connection.wire.isEmpty, !connection.isUsable { release(connection) }
        }
        deliver()
        giveUpConfirms()
        takeStragglers()
        for grave in graves where hub.now >= grave.at { streams[grave.stream] = nil }
        graves.removeAll { hub.now >= $0.at }
    }

    private func evictIfSilent(_ connection: SimulatedConnection) {
        guard !connection.isEvicted else { return }
        let isSilent =
            connection.cutSince != nil || (!connection.isAbandoned && connection.process.isFrozen)
        guard isSilent else {
            connection.silentSince = nil
            return
        }
        let since = connection.silentSince ?? hub.now
        connection.silentSince = since
        guard hub.now - since >= Self.heartbeat * 2 + .milliseconds(Int.random(in: 0...1000, using: &hub.random))
        else { return }
        evict(connection)
    }

    /// Nothing more comes in; what had arrived is read to its end before anything is released.
    private func evict(_ connection: SimulatedConnection) {
        connection.wire.removeLast(connection.wire.count - connection.visible)
        connection.cutSince = nil
        connection.isEvicted = true
        connection.events = []
        hub.note(.eviction)
    }

    /// Reads up to `count` frames that have arrived.
    func serve(_ connection: SimulatedConnection, _ count: Int = .max) {
        guard isUp else { return }
        var count = min(count, connection.visible)
        if !connection.isUsable, count > 0, !hub.isHealed, hub.random.chance(50) { delayAppends(of: connection) }
        if !connection.isUsable, count > 0, !hub.isHealed, hub.random.chance(50) { delayOthers(of: connection) }
        count = min(count, connection.visible)
        for _ in 0..<count {
            let written = connection.wire.removeFirst()
            if connection.cutSince != nil { connection.arrived -= 1 }
            take(written, connection)
        }
    }

    /// What no single broker does and a cluster may: the end of a dead connection gets to the stream after its successor's fence.
    private func delayAppends(of connection: SimulatedConnection) {
        guard
            let index = connection.wire.firstIndex(where: { written in
                // A segment that no pointer leads to yet is read by no one.
                guard case .append(let stream, let bytes, _) = written.frame,
                    pointers[stream.partition]?.pointer.segment == stream.segment
                else { return false }
                if case .commit? = try? LogRecordCodec.decode(bytes) { return true }
                return false
            }), case .append(let stream, let bytes, _) = connection.wire[index].frame
        else { return }
        connection.wire.remove(at: index)
        late[stream, default: []].append(bytes)
    }

    /// In the order in which they were sent, for each partition.
    private func delayOthers(of connection: SimulatedConnection) {
        let due = hub.now + .milliseconds(Int.random(in: 0...3_000, using: &hub.random))
        for written in connection.wire.prefix(connection.visible) {
            guard case .publish(let outbound, _) = written.frame, outbound.isFreeOfTheLock else { continue }
            hub.note(.straggler)
            stragglers.append((outbound, written.tenure.partition, due))
        }
        let seen = connection.wire.prefix(connection.visible).filter { written in
            if case .publish(let outbound, _) = written.frame { !outbound.isFreeOfTheLock } else { true }
        }
        let count = connection.visible
        connection.wire.replaceSubrange(..<count, with: seen)
        if connection.cutSince != nil { connection.arrived -= count - seen.count }
    }

    private func release(_ connection: SimulatedConnection) {
        connections.removeAll { $0 === connection }
        for index in locks.indices where locks[index]?.connection === connection { locks[index] = nil }
        for index in inboxes.indices {
            for tenure in inboxes[index].consumers where tenure.consuming === connection {
                inboxes[index].release(tenure)
            }
        }
    }

    private func takeStragglers() {
        let arrived = stragglers.filter { hub.now >= $0.due || hub.isHealed }
        stragglers.removeAll { hub.now >= $0.due || hub.isHealed }
        for straggler in arrived { route(straggler.outbound, from: straggler.partition) }
    }

    private func route(_ outbound: Outbound, from partition: PartitionNumber) {
        hub.arrive(outbound, from: partition)
        if case .task(let task) = outbound.message { activities.append(task) }
    }

    private func giveUpConfirms() {
        unconfirmed.removeAll { !$0.connection.isUsable }
        for late in unconfirmed where hub.now >= late.due { late.connection.events.append(.late(late.tag)) }
        unconfirmed.removeAll { hub.now >= $0.due }
    }

    private func deliver() {
        for index in inboxes.indices {
            guard
                let (tenure, letters) = inboxes[index].deliver(
                    limit: Int.random(in: 1...8, using: &hub.random),
                    prefetch: 16
                )
            else { continue }
            for (tag, letter) in letters { tenure.consuming.events.append(.delivered(tenure, tag: tag, letter)) }
        }
    }

    // MARK: What a connection says

    private func take(_ written: SimulatedConnection.Written, _ connection: SimulatedConnection) {
        let tenure = written.tenure
        switch written.frame {
        case .append(let stream, let bytes, let tag):
            let isThere = streams[stream] != nil
            if isThere { append(bytes, to: stream) }
            settle(tag, isThere, connection)
        case .publish(let outbound, let tag):
            noteEpoch(outbound, tenure)
            let isReturned = !hub.isHealed && hub.random.chance(3)
            if isReturned { hub.note(.returned) } else { route(outbound, from: tenure.partition) }
            if !isReturned, !hub.isHealed, hub.random.chance(1) {
                hub.note(.unconfirmed)
                unconfirmed.append((tag, connection, hub.now + Self.confirmTimeout))
            } else {
                settle(tag, !isReturned, connection)
            }
        case .point(let pointer, let journal, let tag):
            pointers[tenure.partition] = (pointer, journal)
            settle(tag, true, connection)
        case .open(let stream): streams[stream] = SimulatedStream(made: hub.now)
        case .delete(let stream):
            graves.append((stream, hub.now + .milliseconds(Int.random(in: 0...6000, using: &hub.random))))
        case .acknowledge(let tag): inboxes[tenure.partition.value].acknowledge(tenure, through: tag)
        case .close:
            if connection === tenure.consuming { inboxes[tenure.partition.value].release(tenure) }
            if let lock = locks[tenure.partition.value], lock.tenure === tenure, lock.connection === connection {
                locks[tenure.partition.value] = nil
            }
        }
    }

    private func append(_ bytes: [UInt8], to stream: Stream) {
        streams[stream]?.append(bytes)
        guard let record = try? LogRecordCodec.decode(bytes) else { return hub.complain("the log holds no record") }
        hub.oracle.logged(record, in: stream)
        guard case .fence = record, let waiting = late.removeValue(forKey: stream) else { return }
        for bytes in waiting {
            hub.note(.lateRecord)
            append(bytes, to: stream)
        }
    }

    private func settle(_ tag: UInt64, _ isThere: Bool, _ connection: SimulatedConnection) {
        guard connection.isUsable else { return }
        // Confirms come out of order.
        let place = connection.events.isEmpty ? 0 : Int.random(in: 0...connection.events.count, using: &hub.random)
        connection.events.insert(isThere ? .confirmed(tag) : .returned(tag), at: place)
    }

    /// Nothing of a former owner comes after its successor's first word.
    private func noteEpoch(_ outbound: Outbound, _ tenure: Tenure) {
        let highest = epochs[tenure.partition] ?? 0
        if outbound.epoch < highest {
            hub.complain(
                "partition \(tenure.partition): message \(outbound.number) of epoch \(outbound.epoch) came after epoch \(highest)"
            )
        }
        epochs[tenure.partition] = max(highest, outbound.epoch)
    }

    // MARK: What is asked of it

    func connect(_ process: SimulatedProcess) -> SimulatedConnection? {
        guard isUp, !process.isFrozen else { return nil }
        let connection = SimulatedConnection(process)
        connections.append(connection)
        return connection
    }

    /// Nil when another node has the lock.
    func lock(_ partition: PartitionNumber, owning: SimulatedConnection, consuming: SimulatedConnection) -> Tenure? {
        let holder = hub.flaw == .locksElsewhere ? consuming : owning
        guard isUp, holder.isUsable, holder.cutSince == nil else { return nil }
        serve(holder)
        guard locks[partition.value] == nil else { return nil }
        let tenure = Tenure(partition, owning: owning, consuming: consuming)
        locks[partition.value] = (tenure, holder)
        return tenure
    }

    func consume(_ tenure: Tenure) { inboxes[tenure.partition.value].consume(tenure) }

    /// An owner counts its own from a journal that was put back.
    func forgetEpochs() { epochs = [:] }

    func isRecorded(_ partition: PartitionNumber) -> Bool { recorded.contains(partition) }
    func record(_ partition: PartitionNumber) { recorded.insert(partition) }

    func owner(of partition: PartitionNumber) -> Tenure? { locks[partition.value]?.tenure }

    func add(_ message: InboundDelivery.Message, request: Int?, to partition: PartitionNumber) {
        lastLetter += 1
        inboxes[partition.value].add(Letter(number: lastLetter, message: message, request: request))
    }

    func takeActivity(at index: Int) -> TaskMessage { activities.remove(at: index) }
    func giveBack(_ task: TaskMessage) { activities.append(task) }

    /// Someone empties the queue of an activity; gives what was in it.
    func purge(_ activity: String) -> [TaskMessage] {
        let lost = activities.filter { $0.task.name == activity }
        activities.removeAll { $0.task.name == activity }
        return lost
    }

    // MARK: What befalls it

    /// The process is killed: every connection ends, what was confirmed stays, and streams just made are lost.
    func kill(for pause: Duration) {
        hub.note(.brokerKilled)
        for connection in connections {
            serve(connection, Int.random(in: 0...connection.visible, using: &hub.random))
            connection.wire = []
            connection.cutSince = nil
            connection.isEvicted = true
            connection.events = []
            release(connection)
        }
        for stream in streams.keys.sorted(by: { ($0.partition, $0.segment) < ($1.partition, $1.segment) })
        where hub.now - (streams[stream]?.made ?? .zero) < Self.settling {
            streams[stream] = nil
            hub.note(.youngStreamLost)
        }
        stragglers = []
        downUntil = hub.now + pause
    }

    /// Its disk is lost; gives what was in the inboxes.
    func wipe(for pause: Duration) -> [(letter: Letter, wasDelivered: Bool)] {
        kill(for: pause)
        let letters = inboxes.flatMap(\.all)
        inboxes = inboxes.map { _ in SimulatedInbox() }
        (streams, pointers, late, recorded) = ([:], [:], [:], [])
        (activities, graves, unconfirmed) = ([], [], [])
        return letters
    }

    /// The machine loses power: the end of a stream had not reached the disk.
    func losePower(_ stream: Stream, records: Int, keeping pointer: LogAddress, for pause: Duration) {
        kill(for: pause)
        // What was written before the pointer is on disk since.
        let count = (streams[stream]?.entries.count ?? 0) - Int(pointer.records)
        streams[stream]?.lose(last: max(0, min(records, count)))
        hub.oracle.reread(stream, streams[stream]?.entries ?? [])
        hub.note(.logLostItsEnd)
    }
}

extension Outbound {
    /// Whether it goes over a connection of its own, and not over the channel of the lock.
    fileprivate var isFreeOfTheLock: Bool {
        switch message {
        case .task, .status: true
        case .command, .result, .deadLetter: false
        }
    }
}
