import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("Partitions that keep a log", .live)
struct PartitionWithLogTests {
    private let zero = PartitionNumber(0)

    private func record(_ test: LiveHub) async throws -> JournalRecord? {
        try await JournalRecord.read(zero, test.names, try await test.channel())
    }

    /// What a reader of a segment from its first record would have.
    private func folded(_ test: LiveHub, segment: Int64, until count: Int) async throws -> [String] {
        let reader = LoggingOwner(test.hub)
        try await reader.read(LogAddress(segment: segment, commit: 0, records: 0), rebuilding: true)
        let stream = test.names.log(zero, segment: segment)
        try await LogReader(connection: test.live.connection, stream: stream).read(from: .first) { entries in
            _ = try await reader.follow(entries)
            return reader.words.count < count
        }
        return reader.words
    }

    @Test("A new partition seeds its log, records where it is, and what it commits is in it")
    func seedsAndAppends() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub)
            let policy = TestPolicy()
            try await test.running([test.contender(owner, policy, keepsLog: true)]) {
                try await until("the owner") { owner.isTaken }
                #expect(owner.beginning == .seed(segment: 1))
                for word in ["one", "two", "three"] { try await owner.commit(word) }
                #expect(try await folded(test, segment: 1, until: 3) == ["one", "two", "three"])
                let journal = try #require(try await owner.holding()?.journal)
                #expect(try await record(test) == JournalRecord(journal: journal, pointer: owner.pointer))
                try await until("the announcement") {
                    policy.latest?.role == .owner && policy.latest?.log == owner.pointer
                }
            }
            #expect(policy.bootstraps == 1)
        }
    }

    @Test("A record larger than a message goes in parts")
    func largeRecords() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub)
            try await test.running([test.contender(owner, keepsLog: true)]) {
                try await until("the owner") { owner.isTaken }
                let large = String(repeating: "x", count: 3_000_000)
                try await owner.commit(large)
                try await owner.commit("after")
                #expect(try await folded(test, segment: 1, until: 2) == [large, "after"])
            }
        }
    }

    @Test("A log of several segments is read whole, and from its middle")
    func segments() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (first, second) = (LoggingOwner(test.hub), LoggingOwner(test.hub))
            let body = String(repeating: "x", count: 500_000)
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                for number in 1...50 { try await first.commit("\(number)\(body)") }
            }
            try await test.running([test.contender(second, keepsLog: true)]) {
                try await until("the owner") { second.isTaken }
                #expect(second.words == first.words)
                for number in 51...100 { try await second.commit("\(number)\(body)") }
            }
            let began = ContinuousClock.now
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                #expect(first.words == second.words)
                #expect(first.readings.last == false)
                print("caught up with 25 MB of log in \(ContinuousClock.now - began)")
            }
        }
    }

    @Test("The next owner goes on where the last one stopped, without the last one's disk")
    func otherDisk() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = LoggingOwner(test.hub)
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                for number in 1...100 { try await first.commit("w\(number)") }
            }
            #expect(first.losses == ["this node is stopping"])
            let second = LoggingOwner(test.hub)
            try await test.running([test.contender(second, keepsLog: true)]) {
                try await until("the owner") { second.isTaken }
                #expect(second.words == first.words)
                #expect(second.epoch > first.epoch)
                try await second.commit("more")
            }
            // The first comes back: it has missed one.
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                #expect(first.words == second.words)
            }
            #expect(first.readings == [false] && second.readings == [true])
        }
    }

    @Test("A standby follows, and takes over at once when the owner's connection dies")
    func warmStandby() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let board = TestBoard()
            let (relay, endpoint) = try test.relay()
            defer { relay.close() }
            let (first, second) = (LoggingOwner(test.hub), LoggingOwner(test.hub))
            let (eager, patient) = (TestPolicy(board: board), TestPolicy(board: board, isEager: false))
            try await test.running([
                test.contender(first, eager, at: endpoint, keepsLog: true),
                test.contender(second, patient, keepsLog: true),
            ]) {
                try await until("the owner") { first.isTaken }
                for number in 1...50 { try await first.commit("w\(number)") }
                try await until("the standby") { second.words.count == 50 }
                for number in 51...100 { try await first.commit("w\(number)") }
                try await until("the standby") { second.words == first.words }
                #expect(patient.latest?.role == .standby && patient.latest?.holding?.standing.commit == 100)

                eager.isEager = false
                patient.isEager = true
                let cut = ContinuousClock.now
                relay.cut()
                try await until("the standby's ownership") { second.isTaken }
                let took = try #require(second.takenAt) - cut
                #expect(took < .seconds(1), "the standby took \(took)")
                print("a warm standby owned the partition \(took) after its owner's connections were cut")
                try await second.commit("more")
                try await until("the first one's catching up") { first.words == second.words }
                #expect(second.words.count == 101)
            }
            // Nothing was rebuilt but what had nothing.
            #expect(first.readings.allSatisfy { !$0 })
            #expect(second.readings.filter(\.self).count == 1)
        }
    }

    @Test("What a former owner appends after its successor's fence does not count")
    func lateAppends() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = LoggingOwner(test.hub)
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                try await first.commit("kept")
            }
            let epoch = first.epoch
            let second = LoggingOwner(test.hub)
            try await test.running([test.contender(second, keepsLog: true)]) {
                try await until("the owner") { second.isTaken }
                // As a broker of several nodes could let it: on a channel that has no lock.
                let late = LoggedCommit(
                    standing: JournalPosition(commit: 2, checksum: 9, epoch: epoch),
                    previous: first.standing?.checksum ?? 0,
                    format: 1,
                    changes: JournalChanges(rows: 1, bytes: Array("late".utf8))
                )
                try await test.channel().publish(
                    RabbitMQMessage(body: LogRecordCodec.encode(.commit(late))),
                    routingKey: test.names.log(zero, segment: 1)
                )
                try await second.commit("valid")
                #expect(try await folded(test, segment: 1, until: 2) == ["kept", "valid"])
            }
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                #expect(first.words == ["kept", "valid"])
            }
        }
    }

    @Test("A fence that is not above the log's epochs is followed by one that is")
    func epochs() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = LoggingOwner(test.hub)
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                try await first.commit("word")
            }
            let foreign = LogRecordCodec.encode(.fence(epoch: 40, nonce: 7, node: "somebody"))
            try await test.channel().publish(
                RabbitMQMessage(body: foreign),
                routingKey: test.names.log(zero, segment: 1)
            )
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                #expect(first.epoch == 41)
                try await first.commit("next")
                #expect(try await folded(test, segment: 1, until: 2) == ["word", "next"])
            }
        }
    }

    @Test("A standby goes on in the next segment, and the old one is deleted after a time of grace")
    func nextSegment() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let board = TestBoard()
            let (first, second) = (LoggingOwner(test.hub), LoggingOwner(test.hub))
            let patient = TestPolicy(board: board, isEager: false)
            var timing = LogTiming()
            timing.settling = .zero
            timing.grace = .milliseconds(300)
            timing.pause = .milliseconds(50)
            try await test.running([
                test.contender(first, TestPolicy(board: board), keepsLog: true, timing: timing),
                test.contender(second, patient, keepsLog: true, timing: timing),
            ]) {
                try await until("the owner") { first.isTaken }
                for segment in 1...3 {
                    // One that comes late begins with a later segment.
                    try await until("the standby reads") { second.readings.count == segment }
                    for number in 1...20 { try await first.commit("w\(segment)-\(number)") }
                    try await first.roll()
                }
                try await first.commit("last")
                try await until("the standby") { second.words == first.words }
                #expect(second.words.count == 61)
                #expect(second.readings == [true, false, false, false])
                for segment in 1...3 {
                    let stream = test.names.log(zero, segment: Int64(segment))
                    try await until("the end of \(stream)") {
                        try await test.live.connection.existingQueue(stream) == nil
                    }
                }
            }
            // What crashed owners left: found by the next.
            try await test.channel().declareQueue(
                test.names.log(zero, segment: 2),
                arguments: QueueArguments.log
            )
            try await test.running([test.contender(first, keepsLog: true, timing: timing)]) {
                try await until("the sweep") {
                    try await test.live.connection.existingQueue(test.names.log(zero, segment: 2)) == nil
                }
            }
        }
    }

    @Test("A log that is gone begins again from the journal here, and not where nothing is")
    func missingStream() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = LoggingOwner(test.hub)
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                for word in ["one", "two"] { try await first.commit(word) }
            }
            try await test.channel().deleteQueue(test.names.log(zero, segment: 1))

            let empty = LoggingOwner(test.hub)
            let policy = TestPolicy()
            try await test.running([test.contender(empty, policy, keepsLog: true)]) {
                try await until("the refusal") {
                    policy.troubles.contains { $0.contains("nothing of its journal") }
                }
            }
            #expect(!empty.isTaken && empty.losses.isEmpty && policy.bootstraps == 0)

            let agreeing = TestPolicy()
            try await test.running([test.contender(first, agreeing, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                #expect(first.beginning == .seed(segment: 2))
                try await first.commit("three")
                #expect(try await folded(test, segment: 2, until: 3) == ["one", "two", "three"])
            }
            #expect(agreeing.bootstraps == 1)
        }
    }

    @Test("A log that is deleted under an owner who has nothing to commit begins again")
    func missingStreamOfIdleOwner() async throws {
        try await LiveHub.with(partitions: 1) { test in
            var timing = LogTiming()
            timing.watch = .milliseconds(100)
            timing.absence = .milliseconds(200)
            let owner = LoggingOwner(test.hub)
            try await test.running([test.contender(owner, keepsLog: true, timing: timing)]) {
                try await until("the owner") { owner.isTaken }
                try await owner.commit("one")
                try await test.channel().deleteQueue(test.names.log(zero, segment: 1))
                try await until("the new log") { !owner.losses.isEmpty && owner.isTaken }
                #expect(owner.beginning == .seed(segment: 2))
                #expect(try await folded(test, segment: 2, until: 1) == ["one"])
            }
        }
    }

    @Test("A log that lost its end begins again from the journal that is ahead of it")
    func shorterLog() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = LoggingOwner(test.hub)
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                try await first.commit("kept")
            }
            for number in 1...20 { first.addUnlogged("confirmed\(number)") }
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                #expect(first.beginning == .seed(segment: 2))
                #expect(first.words.count == 21)
            }
        }
    }

    @Test(
        "A journal that others went on without is rebuilt, however far it is",
        arguments: [(valid: 2, dead: 1), (2, 2), (2, 20), (20, 20), (30, 20)]
    )
    func deadBranch(valid: Int, dead: Int) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (first, second) = (LoggingOwner(test.hub), LoggingOwner(test.hub))
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                try await first.commit("kept")
            }
            try await test.running([test.contender(second, keepsLog: true)]) {
                try await until("the owner") { second.isTaken }
                for number in 1...valid { try await second.commit("valid\(number)") }
            }
            for number in 1...dead { first.addUnlogged("dead\(number)") }
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                #expect(first.words == second.words)
                #expect(first.epoch > second.epoch)
            }
        }
    }

    @Test("A journal of another history is set aside, and never begins the log again")
    func foreignJournal() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = LoggingOwner(test.hub)
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                try await first.commit("ours")
            }
            let foreign = LoggingOwner(test.hub, journal: "of another hub")
            for number in 1...30 { foreign.addUnlogged("theirs\(number)") }
            try await test.running([test.contender(foreign, keepsLog: true)]) {
                try await until("the owner") { foreign.isTaken }
                #expect(foreign.words == ["ours"])
                #expect(try await foreign.holding()?.journal == first.holding()?.journal)
            }
        }
    }

    @Test("An append is refused at once when the connection is gone, and nothing is kept")
    func appendToNobody() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (relay, endpoint) = try test.relay()
            defer { relay.close() }
            let owner = LoggingOwner(test.hub)
            let policy = TestPolicy()
            try await test.running([test.contender(owner, policy, at: endpoint, keepsLog: true)]) {
                try await until("the owner") { owner.isTaken }
                try await owner.commit("kept")
                let log = try #require(owner.log)
                policy.isEager = false
                relay.cut()
                let began = ContinuousClock.now
                // Its old log stays what it is, whoever still has it.
                let error = await #expect(throws: JournalError.self) {
                    try await onThread { while true { try log.append([1, 2, 3], to: 1) } }
                }
                #expect(error?.code == .unlogged)
                #expect(ContinuousClock.now - began < .seconds(2))
                #expect(owner.words == ["kept"])
            }
        }
    }

    @Test("A hub without logs begins to keep them, from the journal that it had")
    func switchedOn() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub, journal: "journal-a")
            try await test.running([test.contender(owner)]) {
                try await until("the record") { try await record(test) == JournalRecord(journal: "journal-a") }
            }
            for word in ["one", "two"] { owner.addUnlogged(word) }
            try await test.running([test.contender(owner, keepsLog: true)]) {
                try await until("the owner") { owner.isTaken }
                #expect(owner.beginning == .seed(segment: 1, continues: true))
                #expect(try await folded(test, segment: 1, until: 2) == ["one", "two"])
            }
            // Not back again without a word: what is only in the log would be lost.
            let policy = TestPolicy()
            try await test.running([test.contender(owner, policy)]) {
                let said = try await untilFound("the refusal") { policy.troubles.first }
                #expect(said.contains("keeps a log"))
            }
        }
    }

    @Test("A partition that another node should begin is let go")
    func foundedElsewhere() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (modest, better) = (LoggingOwner(test.hub, journal: "old"), LoggingOwner(test.hub, journal: "new"))
            let policy = TestPolicy(bootstrap: .elsewhere("node-2 is at commit 7"))
            try await test.running([test.contender(modest, policy, keepsLog: true)]) {
                try await until("the refusal") {
                    policy.troubles.contains { $0.contains("node-2 is at commit 7") }
                }
                #expect(!modest.isTaken)
                try await test.running([test.contender(better, keepsLog: true)]) {
                    try await until("the owner") { better.isTaken }
                }
            }
        }
    }

    @Test("A partition that another node should have is handed over")
    func handedOver() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let board = TestBoard()
            let (first, second) = (LoggingOwner(test.hub), LoggingOwner(test.hub))
            let (from, to) = (TestPolicy(board: board), TestPolicy(board: board, isEager: false))
            try await test.running([
                test.contender(first, from, keepsLog: true), test.contender(second, to, keepsLog: true),
            ]) {
                try await until("the owner") { first.isTaken }
                try await first.commit("word")
                from.isEager = false
                to.isEager = true
                from.isUnwanted = true
                try await until("the next owner") { second.isTaken }
                #expect(first.losses == ["handed over"])
                #expect(second.words == ["word"])
            }
        }
    }

    @Test("Appending: how long it takes, alone and beside what the partition sends")
    func latency() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub)
            let link = LinkHolder()
            try await test.running([test.contender(owner, keepsLog: true)]) {
                try await until("the owner") { owner.isTaken }
                let idle = try await durations(of: 500, owner)
                let sender = try #require(owner.link)
                link.isBusy = true
                async let flood: Void = onThread {
                    var number: Int64 = 0
                    while link.isBusy {
                        let messages = (1...500).map {
                            Outbound(
                                number: OutboundNumber(rawValue: number + $0),
                                epoch: 1,
                                message: .status(.make(.started))
                            )
                        }
                        sender.publish(messages)
                        number += 500
                        link.pace()
                    }
                }
                let busy = try await durations(of: 500, owner)
                link.isBusy = false
                try await flood
                // All at once, as a recovery publishes again what was unconfirmed; and the next segment is made meanwhile.
                sender.publish((1...10_000).map { Outbound(number: $0, epoch: 1, message: .status(.make(.started))) })
                owner.log?.prepare(segment: 2)
                let behind = try await onThread {
                    try ContinuousClock().measure { try owner.commitNow("behind") }
                }
                print("append: behind 10,000 publications, while a stream is made: \(behind)")
                #expect(behind < .seconds(2))
                print("append: idle \(Self.figures(idle)); beside 10,000 publications a second \(Self.figures(busy))")
                #expect(idle[idle.count / 2] < .milliseconds(20))
                #expect(busy[busy.count / 2] < .milliseconds(200))
            }
        }
    }

    private func durations(of count: Int, _ owner: LoggingOwner) async throws -> [Duration] {
        try await onThread {
            try (0..<count).map { number in try ContinuousClock().measure { try owner.commitNow("word\(number)") } }
                .sorted()
        }
    }

    private static func figures(_ sorted: [Duration]) -> String {
        "median \(sorted[sorted.count / 2]), p99 \(sorted[sorted.count * 99 / 100])"
    }
}
