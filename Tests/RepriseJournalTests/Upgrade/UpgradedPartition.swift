import Logging
import Reprise
import RepriseEngine
import RepriseKernel
import Synchronization
import Testing

@testable import RepriseJournal

/// The first release's partition, owned by today's engine. Time stands where its journal ends.
final class UpgradedPartition {
    private let replica: PartitionReplica
    private let clock: StandingClock
    private let journal: SQLiteJournal
    private var tag: UInt64 = 0

    private final class StandingClock: Sendable {
        let now: Mutex<Timestamp>
        init(_ time: Timestamp) { now = Mutex(time) }
    }

    private struct SilentLink: PartitionLink {
        func publish(_ messages: [Outbound]) {}
        func answer(_ replies: [Reply]) {}
        func withdraw(_ tasks: [WithdrawnTask]) {}
        func resume(_ reports: [ProgressReport]) {}
        func report(_ progress: [ProgressMessage]) {}
        func acknowledge(through tag: UInt64) {}
        func resign(_ reason: String) {}
    }

    private final class NoMarker: TurnMarker {
        var epoch: Epoch = 0
        func beginTrial(of instance: InstanceID) {}
        func endTrial() {}
        func enter(_ instance: InstanceID) {}
        func leave() {}
        func takeUnfinished() -> UnfinishedTurn? { nil }
    }

    private struct NoOriginal: OriginalMessage {
        func encoded() -> [UInt8] { [] }
    }

    init(_ directory: JournalDirectory) throws {
        let store = KeptStore(try directory.store(hub: FirstRelease.hub, partitionCount: 1))
        journal = try store.store.opened()
        store.journal = journal
        let clock = StandingClock(try journal.recover().head.time)
        self.clock = clock
        let orchestrators = [
            RegisteredOrchestrator(RecordedHello()), RegisteredOrchestrator(RecordedCity()),
            RegisteredOrchestrator(RecordedTicket()),
        ]
        replica = PartitionReplica(
            store: store,
            orchestrators: Dictionary(uniqueKeysWithValues: orchestrators.map { ($0.name, $0) }),
            settings: PartitionSettings(),
            environment: PartitionEnvironment(
                wallClock: { clock.now.withLock { $0 } },
                steadyClock: { .milliseconds(clock.now.withLock { $0.milliseconds }) },
                makeSecret: { TaskSecret(high: 1, low: 2) }
            ),
            marker: NoMarker(),
            logger: Logger(label: "upgrade", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        _ = try replica.take(
            Ownership(link: SilentLink(), log: nil, beginning: .goOn(epoch: nil, pointer: nil))
        )
    }

    deinit { replica.close() }

    /// Gives the partition the journal that the test looks into.
    private final class KeptStore: JournalStore {
        let store: SQLiteJournalStore
        var journal: SQLiteJournal?
        init(_ store: SQLiteJournalStore) { self.store = store }

        var hub: HubName { store.hub }
        var partition: PartitionNumber { store.partition }
        var partitionCount: Int { store.partitionCount }
        func open() -> (any PartitionJournal)? { journal }
        func create() throws(JournalError) -> any PartitionJournal { try store.create() }
        func receive() throws(JournalError) -> any SnapshotReceiver { try store.receive() }
        func setAside(_ reason: String) throws(JournalError) { try store.setAside(reason) }
    }

    // MARK: Verbs

    @discardableResult
    private func handle(_ message: InboundDelivery.Message?) throws -> [Answer] {
        tag += 1
        let delivery = message.map {
            InboundDelivery(
                tag: tag,
                message: $0,
                replyTo: ReplyAddress(queue: "q", correlation: nil),
                size: 10,
                original: NoOriginal()
            )
        }
        let partition = try #require(replica.partition)
        return try partition.handle(delivery.map { [$0] } ?? []).answers.map(\.answer)
    }

    @discardableResult
    func send(_ action: Command.Action, to id: String, message: String? = nil) throws -> [Answer] {
        try handle(.command(Command(instance: InstanceID(id), action: action, messageID: message)))
    }

    func raise(_ id: String, _ event: String, _ json: String) throws {
        try send(.raiseEvent(name: event, Payload(trusted: Array(json.utf8))), to: id)
    }

    func advance(by duration: Duration) throws {
        clock.now.withLock { $0 = $0 + duration }
        try handle(nil)
    }

    /// Answers what an instance's activities were asked and have not answered yet, until it asks no more.
    func answerTasks(of id: String) throws {
        while let task = try openTask(of: id) {
            let result = TaskResult(
                instance: task.instance,
                token: task.token,
                outcome: .completed(.string("Hello!"))
            )
            try handle(.result(result))
        }
    }

    private func openTask(of id: String) throws -> TaskMessage? {
        let row = try #require(try journal.instance(InstanceID(id)))
        var open: [TaskMessage] = []
        for record in try journal.history(of: row) {
            switch record.event {
            case .taskScheduled(let task):
                open.append(TaskMessage(instance: row.id, incarnation: row.incarnation, task: task))
            case .taskCompleted(let id, _): open.removeAll { $0.task.id == id }
            default: break
            }
        }
        return open.first
    }

    /// What an instance ended with; nil while it goes on.
    func output(_ id: String) throws -> String? {
        let row = try #require(try journal.instance(InstanceID(id)))
        guard case .executionCompleted(let output)? = try journal.history(of: row).last?.event else {
            return nil
        }
        return String(decoding: output.bytes, as: UTF8.self)
    }
}
