import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("Partitions that keep a log", .live)
struct PartitionWithLogTests {
    let zero = PartitionNumber(0)

    func record(_ test: LiveHub) async throws -> JournalRecord? {
        try await JournalRecord.read(zero, test.names, try await test.channel())
    }

    /// What a reader of a segment from its first record would have.
    func folded(_ test: LiveHub, segment: Int64, until count: Int) async throws -> [String] {
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
                // Its old log stays what it is, for any node that still has it.
                let error = await #expect(throws: JournalError.self) {
                    try await onThread { while true { try log.append([1, 2, 3], to: 1) } }
                }
                #expect(error?.code == .unlogged)
                #expect(ContinuousClock.now - began < .seconds(2))
                #expect(owner.words == ["kept"])
            }
        }
    }
}
