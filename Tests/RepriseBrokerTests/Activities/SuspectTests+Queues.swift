import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import ServiceLifecycle
import Synchronization
import Testing

@testable import RepriseBroker

/// Suspects whose answers, or starts, no queue takes.
extension SuspectTests {
    /// The trial had no end, and with it the node did no other task of any activity.
    @Test("A suspect whose answer no queue takes is given up, and its worker goes on")
    func unanswerable() async throws {
        try await LiveHub.with(partitions: 1, activities: [Self.activity]) { test in
            try await declare(test)
            try await suspect(test, 1, replyTo: "gone-\(test.hub)")
            let ran = Promise<Void>()
            var worker = worker(test) { key in if key == "1" { ran.set(()) } }
            worker.timeouts.strangers = .milliseconds(100)
            try await test.running([worker.run, test.forwarder().run]) { [self] in
                _ = await ran.value()
                try await send(test, 2)
                _ = try await test.next(test.names.inbox(zero))
                let letter = try await test.next(test.names.dead)
                #expect(letter.properties.headers[Header.replyTo]?.stringValue == "gone-\(test.hub)")
            }
        }
    }

    /// Makes an inbox one that takes nothing.
    private func fill(_ test: LiveHub, _ partition: PartitionNumber) async throws -> String {
        let inbox = test.names.inbox(partition)
        let refuses: RabbitMQTable = ["x-queue-type": "classic", "x-max-length": 0, "x-overflow": "reject-publish"]
        let channel = try await test.channel()
        try await channel.deleteQueue(inbox)
        try await channel.declareQueue(inbox, arguments: refuses)
        return inbox
    }

    @Test("A suspect whose start no inbox takes keeps its worker from nothing, and is tried alone when it does")
    func unannounced() async throws {
        try await LiveHub.with(partitions: 2, activities: [Self.activity]) { test in
            try await declare(test)
            let full = try await fill(test, PartitionNumber(1))
            try await suspect(test, 1, replyTo: full, isTimed: true)
            let runs = Mutex(0)
            let worker = worker(test) { key in if key == "1" { runs.withLock { $0 += 1 } } }
            try await test.running([worker.run]) { [self] in
                try await until("the suspect in the worker's hands", within: .seconds(30)) {
                    try await test.depth(test.names.suspects(Self.activity)) == 0
                }
                try await send(test, 3)
                #expect(try await answered(test) == token(3))
                #expect(runs.withLock { $0 } == 0)
                try await test.channel().deleteQueue(full)
                try await test.topology.declareInbox(PartitionNumber(1), on: test.live.connection)
                try await until("the suspect's run", within: .seconds(30)) { runs.withLock { $0 } == 1 }
            }
        }
    }

    /// It is tried forever, since its inbox is the hub's: with it went the worker's tasks of all other partitions, and
    /// the activity's other suspects.
    @Test("A suspect whose inbox is full keeps its worker from nothing, and no one from the other suspects")
    func fullInbox() async throws {
        try await LiveHub.with(partitions: 2, activities: [Self.activity]) { test in
            try await declare(test)
            let full = try await fill(test, PartitionNumber(1))
            for (key, inbox) in [(1 as OutboundNumber, full), (2, test.names.inbox(zero))] {
                try await suspect(test, key, replyTo: inbox)
            }
            var first = worker(test) { _ in }
            first.timeouts.idleness = .milliseconds(100)
            let second = worker(test) { _ in }
            try await test.running([first.run]) { [self] in
                try await until("a suspect in the worker's hands", within: .seconds(30)) {
                    try await test.depth(test.names.suspects(Self.activity)) == 1
                }
                try await send(test, 3)
                #expect(try await answered(test) == token(3))
                try await test.running([second.run]) { [self] in
                    let next = try await answered(test)
                    #expect(next == token(2))
                }
            }
        }
    }
}
