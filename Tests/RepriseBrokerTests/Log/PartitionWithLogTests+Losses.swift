import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// Logs that are gone, cut short, or of another history.
extension PartitionWithLogTests {
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
}
