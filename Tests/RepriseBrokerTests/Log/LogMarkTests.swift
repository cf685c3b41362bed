import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// A log had lost its end, and a node that was seconds earlier than the one whose journal had it all went on without. What
/// had been confirmed was gone.
@Suite("How far a log is known to have come", .live)
struct LogMarkTests {
    private let zero = PartitionNumber(0)
    private let timing: LogTiming = {
        var timing = LogTiming()
        timing.settling = .zero
        timing.absence = .milliseconds(200)
        timing.pause = .milliseconds(50)
        timing.pauseForPeople = .milliseconds(50)
        return timing
    }()

    private func write(_ mark: LogMark, _ test: LiveHub) async throws {
        let channel = try await test.channel()
        var record = try #require(try await JournalRecord.read(zero, test.names, channel))
        record.mark = mark
        try await record.write(zero, test.names, channel)
    }

    private func mark(_ test: LiveHub) async throws -> LogMark? {
        try await JournalRecord.read(zero, test.names, try await test.channel())?.mark
    }

    /// A log of three commits that has lost two more, which only the first owner's journal has.
    private func shortened(_ test: LiveHub) async throws -> LoggingOwner {
        let owner = LoggingOwner(test.hub)
        try await test.running([test.contender(owner, keepsLog: true, timing: timing)]) {
            try await until("the owner") { owner.isTaken }
            for word in ["one", "two", "three"] { try await owner.commit(word) }
        }
        for word in ["four", "five"] { owner.addUnlogged(word) }
        try await write(LogMark(commit: 5, epoch: owner.epoch, node: "node-a"), test)
        return owner
    }

    private func refused(_ owner: LoggingOwner, _ test: LiveHub) async throws -> String {
        let (policy, takings) = (TestPolicy(), owner.takenAt)
        try await test.running([test.contender(owner, policy, keepsLog: true, timing: timing)]) {
            try await until("a refusal, or an owner") { !policy.troubles.isEmpty || owner.takenAt != takings }
        }
        #expect(owner.takenAt == takings)
        return try #require(policy.troubles.first)
    }

    @Test(
        "A node that has less than that waits, says for whom, and the one that has it goes on",
        arguments: [true, false]
    )
    func waiting(isLogThere: Bool) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = try await shortened(test)
            let stale = LoggingOwner(test.hub)
            if !isLogThere { try await test.channel().deleteQueue(test.names.log(zero, segment: 1)) }
            let said = try await refused(stale, test)
            #expect(said.contains("commit 5") && said.contains("node-a"), "\(said)")
            #expect(said.contains("--from 3") == isLogThere, "\(said)")
            #expect(try await mark(test)?.commit == 5)

            try await test.running([test.contender(first, keepsLog: true, timing: timing)]) {
                try await until("the owner") { first.isTaken }
                #expect(first.beginning == .seed(segment: 2))
                #expect(first.words == ["one", "two", "three", "four", "five"])
            }
        }
    }

    @Test("What is lost for good is given up by an operator's word, and by nobody else's")
    func operatorsWord() async throws {
        try await LiveHub.with(partitions: 1) { test in
            _ = try await shortened(test)
            let stale = LoggingOwner(test.hub)
            _ = try await refused(stale, test)
            let record = PartitionRecord(zero, endpoint: test.endpoint, hub: test.hub)
            try await until("the word is taken") {
                do {
                    return try await record.found(from: 3) == 2
                } catch let error as HubError where error.message.contains("just trying") {
                    return false
                }
            }
            try await test.running([test.contender(stale, keepsLog: true, timing: timing)]) {
                try await until("the owner") { stale.isTaken }
                try await stale.commit("other")
                #expect(stale.words == ["one", "two", "three", "other"])
                let other = await #expect(throws: HubError.self) { try await record.found(from: 0) }
                #expect(other?.code == .notWaiting)
            }
            let nowhere = PartitionRecord(PartitionNumber(1), endpoint: test.endpoint, hub: test.hub)
            let none = await #expect(throws: HubError.self) { try await nowhere.found(from: 0) }
            #expect(none?.code == .noSuchPartition)
        }
    }

    @Test("A log that a later owner has gone on with needs no more")
    func laterOwner() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (first, second, third) = (LoggingOwner(test.hub), LoggingOwner(test.hub), LoggingOwner(test.hub))
            for owner in [first, second] {
                try await test.running([test.contender(owner, keepsLog: true, timing: timing)]) {
                    try await until("the owner") { owner.isTaken }
                    try await owner.commit("word")
                }
            }
            try await write(LogMark(commit: 50, epoch: first.epoch, node: ""), test)
            try await test.running([test.contender(third, keepsLog: true, timing: timing)]) {
                try await until("the owner") { third.isTaken }
                #expect(third.words == ["word", "word"])
            }
        }
    }

    @Test("Handed over, a partition is marked to its end")
    func handOver() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (owner, policy) = (LoggingOwner(test.hub), TestPolicy())
            try await test.running([test.contender(owner, policy, keepsLog: true, node: "a", timing: timing)]) {
                try await until("the owner") { owner.isTaken }
                try await owner.commit("one")
                policy.isEager = false
                policy.isUnwanted = true
                try await until("the end") { !owner.losses.isEmpty }
                #expect(try await mark(test) == LogMark(commit: 1, epoch: owner.epoch, node: "a"))
            }
        }
    }
}
