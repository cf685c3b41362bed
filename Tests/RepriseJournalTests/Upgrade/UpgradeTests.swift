import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

@Suite("A journal of the first release")
struct UpgradeTests {
    let directory: JournalDirectory
    let journal: SQLiteJournal

    init() throws {
        directory = try FirstRelease.journal()
        journal = try directory.open(hub: FirstRelease.hub, partitionCount: 1)
    }

    private func row(_ id: String) throws -> InstanceRow {
        try #require(try journal.instance(InstanceID(id)), "\(id)")
    }

    private func history(_ id: String) throws -> [HistoryEvent] {
        try journal.history(of: row(id)).map(\.event)
    }

    @Test("Where every instance stands")
    func instances() throws {
        #expect(try journal.instances(after: 0, limit: 100).count == 9)
        #expect(try row("done-1").runtimeStatus == .completed)
        #expect(try row("failed-1").runtimeStatus == .failed)
        #expect(try row("failed-2").runtimeStatus == .failed)
        #expect(try row("ended-1").runtimeStatus == .terminated)
        #expect(try row("trip-1").runtimeStatus == .running)
        #expect(try row("größer 🚂").runtimeStatus == .suspended)
        #expect(try journal.instance(InstanceID("purged-1")) == nil)
        #expect(try row("done-1").version == 5)
    }

    @Test("Every history, and what it holds")
    func histories() throws {
        for instance in try journal.instances(after: 0, limit: 100) {
            #expect(try journal.history(of: instance).isEmpty == false, "\(instance.id)")
        }
        guard case .executionCompleted(let output) = try history("done-1").last else {
            Issue.record("done-1 ends with \(try history("done-1"))")
            return
        }
        #expect(output == Payload(trusted: Array(#"["Hello Tokyo!","Hello Seattle!","Hello London!"]"#.utf8)))
        #expect(try history("done-1").count == 11)
        #expect(try history("booking-1").count == 5)
    }

    @Test("What waits: a timer, a pending event, a held one, accepted commands")
    func waiting() throws {
        let recovered = try journal.recover()
        #expect(recovered.head.commit == 24)
        #expect(recovered.head.epoch == 2)
        #expect(recovered.timers.map { TimerColumns($0.subject).instance } == [try row("booking-1").key.rawValue])
        #expect(recovered.held.map(\.instance.value) == ["nobody-yet"])
        #expect(recovered.held.first?.messageID == "early-1")
        #expect(recovered.waiting.map(\.value) == ["größer 🚂"])
        #expect(try journal.pending(of: row("größer 🚂").key).count == 1)
    }

    @Test("What was under way keeps its idempotency key")
    func keys() throws {
        var keys = 0
        for instance in try journal.instances(after: 0, limit: 100) {
            for case .taskScheduled(let task) in try journal.history(of: instance).map(\.event) {
                let text = task.key.text(try HubName(FirstRelease.hub), PartitionNumber(0))
                #expect(text == "\(FirstRelease.hub).0.\(task.key.number)")
                keys += 1
            }
        }
        #expect(keys > 3)
    }

    @Test("A copy follows it by the log")
    func log() throws {
        let other = JournalDirectory()
        let copy = try other.store(hub: FirstRelease.hub, partitionCount: 1).take(journal)
        var scribe = try Scribe(journal)
        let next = scribe.next { $0.deletedInstances = [1] }
        try copy.apply([try journal.log(next)])
        #expect(try copy.dump() == journal.dump())
    }

    @Test("Today's engine goes on with it: every instance that was under way ends as it should")
    func goesOn() throws {
        journal.close()
        let rig = try UpgradedPartition(directory)
        try rig.raise("trip-1", "CitySelected", #""London""#)
        #expect(try rig.output("trip-1") == #""London""#)
        try rig.send(.resume(reason: .null), to: "größer 🚂")
        #expect(try rig.output("größer 🚂") == #""Tokyo""#, "the event that came while it was suspended")
        try rig.answerTasks(of: "open-1")
        #expect(try rig.output("open-1") == #"["Hello!","Hello!","Hello!"]"#)
        try rig.send(
            .start(orchestrator: "CityRecommender", input: Payload(trusted: Array("1".utf8))),
            to: "nobody-yet"
        )
        #expect(try rig.output("nobody-yet") == #""London""#, "the event that was held for it")
        try rig.advance(by: .seconds(61))
        #expect(try rig.output("booking-1") == "false", "the timer that was armed")

        let repeated = try rig.send(
            .start(orchestrator: "E1_HelloSequence", input: .null),
            to: "done-1",
            message: "key-1"
        )
        guard case .accepted? = repeated.first else {
            Issue.record("the key is not remembered: \(repeated)")
            return
        }
        #expect(try rig.output("done-1") != nil, "and the start that it stands for is not repeated")
    }
}
