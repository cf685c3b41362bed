import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// A partition's record was purged, eaten by a policy, or lost with the broker it lay on, while its log was whole. A
/// node then founded the partition again, and deleted the log ten minutes later: every instance was gone, at log level
/// info.
@Suite("Logs that no record points to", .live)
struct LogWithoutRecordTests {
    private let zero = PartitionNumber(0)
    private let timing: LogTiming = {
        var timing = LogTiming()
        timing.settling = .zero
        timing.grace = .milliseconds(100)
        timing.absence = .milliseconds(200)
        timing.pause = .milliseconds(50)
        return timing
    }()

    private func stream(_ test: LiveHub, _ segment: Int64) -> String { test.names.log(zero, segment: segment) }

    private func commit(_ words: [String], _ owner: LoggingOwner, _ test: LiveHub) async throws {
        try await test.running([test.contender(owner, keepsLog: true, timing: timing)]) {
            try await until("the owner") { owner.isTaken }
            for word in words { try await owner.commit(word) }
        }
    }

    private func loseRecord(_ test: LiveHub) async throws {
        #expect(try await test.channel().purgeQueue(test.names.journal(zero)) == 1)
    }

    private func record(_ test: LiveHub) async throws -> JournalRecord? {
        try await JournalRecord.read(zero, test.names, try await test.channel())
    }

    @Test("A node with an empty disk goes on with the log, and writes the record again")
    func emptyDisk() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = LoggingOwner(test.hub)
            try await commit(["one", "two"], first, test)
            let pointer = try #require(try await record(test)).pointer
            try await loseRecord(test)

            let empty = LoggingOwner(test.hub)
            try await commit(["three"], empty, test)
            #expect(empty.words == ["one", "two", "three"])
            #expect(empty.beginning != .found && empty.losses.count == 1)
            #expect(try await record(test)?.pointer == pointer)
        }
    }

    @Test("A journal that is behind the log, or not of it, goes on with the log too", arguments: [true, false])
    func otherJournal(isForeign: Bool) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (first, second) = (LoggingOwner(test.hub), LoggingOwner(test.hub))
            try await commit(["one"], first, test)
            try await commit(["two"], second, test)
            try await loseRecord(test)
            let foreign = LoggingOwner(test.hub, journal: "of another hub")
            for number in 1...30 { foreign.addUnlogged("theirs\(number)") }

            let owner = isForeign ? foreign : first
            try await commit(["three"], owner, test)
            #expect(owner.words == ["one", "two", "three"])
            #expect(try await test.live.connection.existingQueue(stream(test, 1)) != nil)
        }
    }

    @Test("A log that went on in another segment is found there, and not in the one that is sealed")
    func behindTheSeal() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (owner, other) = (LoggingOwner(test.hub), LoggingOwner(test.hub))
            var slow = timing
            slow.grace = .seconds(60)
            try await test.running([test.contender(owner, keepsLog: true, timing: slow)]) {
                try await until("the owner") { owner.isTaken }
                try await owner.commit("one")
                try await owner.roll()
                try await owner.commit("two")
            }
            try await loseRecord(test)
            try await test.running([test.contender(other, keepsLog: true, timing: slow)]) {
                try await until("the owner") { other.isTaken }
                #expect(other.words == ["one", "two"] && other.pointer?.segment == 2)
                #expect(try await record(test)?.pointer?.segment == 2)
            }
        }
    }

    @Test("A record that goes while the partition has an owner is written again")
    func underAnOwner() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub)
            var timing = timing
            timing.watch = .milliseconds(100)
            try await test.running([test.contender(owner, keepsLog: true, node: "node a", timing: timing)]) {
                try await until("the owner") { owner.isTaken }
                try await owner.commit("one")
                try await until("the mark") { try await record(test)?.mark?.commit == 1 }
                #expect(try await record(test)?.mark?.node == "node_a")
                for _ in 1...2 {
                    _ = try await test.channel().purgeQueue(test.names.journal(zero))
                    try await until("the record") { try await record(test)?.pointer == owner.pointer }
                }
                try await test.channel().deleteQueue(test.names.journal(zero))
                try await until("the queue") { try await test.depth(test.names.journal(zero)) == 1 }
            }
        }
    }

    // MARK: Records that are not an owner's

    private func append(_ record: [UInt8], _ test: LiveHub) async throws {
        let channel = try await test.channel()
        for message in LogFragments.messages(of: record, id: "theirs") {
            try await channel.publish(message, routingKey: stream(test, 1))
        }
    }

    /// One stray message, and a node whose disk had everything did not go on: it proposed to delete the log.
    @Test("Records of no one's in a log are passed over, as those who read it do")
    func strays() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub)
            try await commit(["one", "two"], owner, test)
            let record = try #require(try await JournalRecord.read(zero, test.names, try await test.channel()))
            try await append(Array("this is not a record of any kind".utf8), test)
            let forged = LoggedCommit(
                standing: JournalPosition(commit: .max, checksum: 7, epoch: .max),
                previous: 7,
                format: 1,
                changes: JournalChanges(rows: 0, bytes: [])
            )
            try await append(LogRecordCodec.encode(.commit(forged)), test)
            try await loseRecord(test)

            let survey = LogSurvey(connection: test.live.connection, timing: timing)
            let found = try #require(try await survey.look(at: stream(test, 1), of: "test"))
            #expect(found.unreadable == nil)
            #expect(found.last?.commit == 2)
            #expect(found.record == record, "what is written again")

            let takings = owner.takenAt
            try await test.running([test.contender(owner, keepsLog: true, timing: timing)]) {
                try await until("the owner") { owner.takenAt != takings }
                #expect(owner.words == ["one", "two"])
            }
        }
    }

    /// The next one's number was calculated from it, which ended the process.
    @Test("A head of a segment that no log has is not a head")
    func impossibleSegment() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub)
            try await commit(["one"], owner, test)
            try await loseRecord(test)
            let channel = try await test.channel()
            try await channel.declareQueue(stream(test, 5), arguments: QueueArguments.log)
            let head = LogHead(
                identity: JournalIdentity(id: "another", hub: test.hub, partition: zero, partitionCount: 1),
                segment: .max,
                format: 1,
                standing: JournalPosition(commit: 0, checksum: 0, epoch: 0)
            )
            for message in LogFragments.messages(of: LogRecordCodec.encode(.head(head)), id: "theirs") {
                try await channel.publish(message, routingKey: stream(test, 5))
            }
            let (takings, policy) = (owner.takenAt, TestPolicy())
            try await test.running([test.contender(owner, policy, keepsLog: true, timing: timing)]) {
                try await until("an owner, or a refusal") { owner.takenAt != takings || !policy.troubles.isEmpty }
            }
            #expect(owner.takenAt == takings)
            #expect(policy.troubles.first?.contains("no log has those") == true)
        }
    }

    /// A node that announced a high one had all the names below it asked for.
    @Test("However high a segment is said to be, a few streams are looked for")
    func manyNumbers() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let survey = LogSurvey(connection: test.live.connection, timing: timing)
            let found = try await survey.all(zero, test.names, upTo: 1 << 52, of: "test")
            #expect(found.isEmpty)
        }
    }

    @Test("A record of a newer release is not passed over: what it says may be what counts")
    func newerRelease() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub)
            try await commit(["one"], owner, test)
            var content = Array(LogRecordCodec.encode(.sealed(next: 2)).dropLast(16))
            content[0] = 99
            try await append(content + SHA256Digest.of(content).prefix(16), test)
            try await loseRecord(test)
            let (takings, policy) = (owner.takenAt, TestPolicy())
            try await test.running([test.contender(owner, policy, keepsLog: true, timing: timing)]) {
                try await until("an owner, or a refusal") { owner.takenAt != takings || !policy.troubles.isEmpty }
            }
            #expect(owner.takenAt == takings)
            #expect(policy.troubles.first?.contains("a newer release wrote it") == true)
        }
    }

    /// What stood where the next segment wanted to be was deleted, no matter who had written it.
    @Test("A segment does not take the place of another journal's stream")
    func occupiedNumber() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub)
            try await test.running([test.contender(owner, keepsLog: true, timing: timing)]) {
                try await until("the owner") { owner.isTaken }
                try await owner.commit("one")
                let channel = try await test.channel()
                try await channel.declareQueue(stream(test, 2), arguments: QueueArguments.log)
                let other = LogHead(
                    identity: JournalIdentity(id: "another", hub: test.hub, partition: zero, partitionCount: 1),
                    segment: 2,
                    format: 1,
                    standing: JournalPosition(commit: 3, checksum: 5, epoch: 1)
                )
                for message in LogFragments.messages(of: LogRecordCodec.encode(.head(other)), id: "theirs") {
                    try await channel.publish(message, routingKey: stream(test, 2))
                }
                let refused = await #expect(throws: JournalError.self) { try await owner.roll() }
                #expect(refused?.code == .occupied)
                #expect(refused?.message.contains("the journal another") == true)
                let survey = LogSurvey(connection: test.live.connection, timing: timing)
                #expect(try await survey.look(at: stream(test, 2), of: "test")?.head == other)
                try await owner.commit("two")
                #expect(owner.isTaken && owner.losses.isEmpty)
            }
        }
    }

    @Test("A stream that the present journal did not come out of is left where it is")
    func foreignLeftover() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = LoggingOwner(test.hub)
            try await commit(["one"], first, test)
            try await loseRecord(test)
            // As releases before this one began partitions again.
            let other = LoggingOwner(test.hub, journal: "begun-anew")
            other.addUnlogged("theirs")
            try await JournalRecord(journal: "begun-anew").write(zero, test.names, try await test.channel())
            try await test.running([test.contender(other, keepsLog: true, timing: timing)]) {
                try await until("the owner") { other.isTaken }
                #expect(other.beginning == .seed(segment: 2, continues: true))
                try await Task.sleep(for: timing.grace * 10)
            }
            #expect(try await test.live.connection.existingQueue(stream(test, 1)) != nil)
        }
    }
}
