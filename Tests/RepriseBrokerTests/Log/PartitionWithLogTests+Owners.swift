import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// Hubs that begin to keep logs, and partitions that go to other nodes.
extension PartitionWithLogTests {
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
}
