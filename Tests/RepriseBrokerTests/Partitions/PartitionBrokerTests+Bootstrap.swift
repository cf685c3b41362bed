import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseBroker

/// Who may begin a partition, and who may not.
extension PartitionBrokerTests {
    @Test("A partition whose journal is elsewhere is let go, and no other node is kept from it")
    func nothingHere() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = RecordingOwner()
            try await test.running([service(test, first)]) {
                try await until("the record") { try await test.depth(test.names.journal(zero)) == 1 }
            }
            let (empty, policy) = (RecordingOwner(journal: nil), TestPolicy())
            try await test.running([test.contender(empty, policy)]) {
                try await until("the refusal") { policy.troubles.contains { $0.contains("journal-a") } }
                try await test.running([service(test, first)]) { try await until("the owner") { first.isTaken } }
            }
            #expect(empty.events.isEmpty)
        }
    }

    @Test("A partition that no one knows is founded, and its journal recorded")
    func founded() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (owner, policy) = (RecordingOwner(journal: nil), TestPolicy())
            try await test.running([test.contender(owner, policy)]) {
                try await until("the owner") { owner.isTaken }
                #expect(owner.beginning == .found)
                try await until("the record") { try await test.depth(test.names.journal(zero)) == 1 }
            }
            try await test.running([test.contender(owner, policy)]) {
                try await until("the owner") { owner.isTaken }
                #expect(owner.beginning == .goOn(epoch: nil, pointer: nil))
            }
            #expect(policy.bootstraps == 1)
        }
    }

    /// What it knows of the wipe would be gone with it: the next would send nothing again.
    @Test("Who cannot begin on a broker that was wiped does not pass for one that has begun")
    func wipedAndNotBegun() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = RecordingOwner(failures: 1)
            try await test.running([service(test, owner)]) {
                try await until("the owner") { owner.isTaken }
                #expect(
                    owner.beginning == .goOn(epoch: Epoch(rawValue: JournalPosition.epochsOfALostLog), pointer: nil)
                )
                try await until("the record") { try await test.depth(test.names.journal(zero)) == 1 }
            }
        }
    }

    @Test("A partition that belongs to another journal is refused, and both are named")
    func otherJournal() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = RecordingOwner()
            try await test.running([service(test, first)]) {
                try await until("the record") { try await test.depth(test.names.journal(zero)) == 1 }
            }
            let (second, policy) = (RecordingOwner(journal: "journal-b"), TestPolicy())
            try await test.running([test.contender(second, policy)]) {
                let said = try await untilFound("the refusal") { policy.troubles.first }
                #expect(said.contains("journal-a") && said.contains("journal-b"))
                // The record is still there, and the lock is free.
                let third = RecordingOwner()
                try await test.running([service(test, third)]) {
                    try await until("the owner") { third.isTaken }
                }
            }
            #expect(second.events.isEmpty)
        }
    }
}
