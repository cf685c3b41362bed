import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseBroker

/// A broker that has just started takes connections before it knows its streams: in two of ten restarts a log passed
/// for lost.
@Suite("Streams that a starting broker knows late", .live)
struct LateStreamTests {
    private let zero = PartitionNumber(0)

    /// Real time, and how often someone waits for so long, once it is to be counted.
    private struct CountingClock: Clock {
        let counted: Duration
        let isCounting: @Sendable () -> Bool
        let count = Count()

        final class Count: Sendable {
            let value = Mutex(0)
        }

        var now: ContinuousClock.Instant { .now }
        var minimumResolution: Duration { ContinuousClock().minimumResolution }

        func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
            if isCounting(), now.duration(to: deadline) <= counted { count.value.withLock { $0 += 1 } }
            try await ContinuousClock().sleep(until: deadline, tolerance: tolerance)
        }
    }

    /// All that a stream holds, up to the last record that there is.
    private func messages(_ stream: String, _ count: Int, _ test: LiveHub) async throws -> [RabbitMQMessage] {
        let arrived = Mutex<[RabbitMQMessage]>([])
        let channel = try await test.live.connection.openChannel(confirms: false) { event in
            guard case .deliveries(let deliveries) = event else { return }
            let messages = deliveries.map { delivery in
                var properties = delivery.properties
                properties.headers["x-stream-offset"] = nil
                return RabbitMQMessage(properties: properties, body: delivery.body.bytes ?? [])
            }
            arrived.withLock { $0 += messages }
        }
        try await channel.setPrefetch(200)
        try await channel.consume(stream, arguments: ["x-stream-offset": "first"])
        try await until("the stream's messages") { arrived.withLock { $0.count } >= count }
        await channel.close()
        return arrived.withLock { $0 }
    }

    @Test("A log whose stream appears a moment later is not lost: its partition goes on in the same segment")
    func appearsLate() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub)
            try await test.running([test.contender(owner, keepsLog: true)]) {
                try await until("the owner") { owner.isTaken }
                for word in ["one", "two"] { try await owner.commit(word) }
            }
            // What a broker knows again once it has read its disk: head, piece, end, fence, and two commits.
            let stream = test.names.log(zero, segment: 1)
            let known = try await messages(stream, 6, test)
            try await test.channel().deleteQueue(stream)

            // The contender's own pauses are not meant: who waits for a stream has begun to read it.
            let earlier = owner.readings.count
            let clock = CountingClock(counted: .milliseconds(100)) { owner.readings.count > earlier }
            let lines = LogLines(from: .warning)
            var timing = LogTiming()
            timing.clock = clock
            timing.pause = .milliseconds(100)
            timing.absence = .seconds(60)
            let policy = TestPolicy()
            let contender = test.contender(owner, policy, keepsLog: true, timing: timing, logger: lines.logger)
            try await test.running([contender]) {
                try await until("a node that waits, or has given the log up") {
                    owner.isTaken || clock.count.value.withLock { $0 } >= 3
                }
                #expect(!owner.isTaken)
                let channel = try await test.channel()
                try await channel.declareQueue(stream, arguments: QueueArguments.log)
                try await until("it is said") {
                    lines.all.contains { $0.contains("did not know the stream '\(stream)'") }
                }
                policy.isEager = false
                try await until("the lock to be free") {
                    try await test.live.connection.existingQueue(test.names.owner(zero))?.consumerCount == 0
                }
                for message in known { try await channel.publish(message, routingKey: stream) }
                policy.isEager = true
                try await until("the owner", within: .seconds(20)) { owner.isTaken }
            }
            #expect(owner.words == ["one", "two"])
            #expect(owner.pointer?.segment == 1)
            #expect(policy.bootstraps == 0)
        }
    }

    /// The node that was not to begin it held the lock ten seconds of eleven, and the one that was found it taken at
    /// every check.
    @Test("A log that is gone is waited for once, also by who may not begin it again")
    func goneOnce() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let first = LoggingOwner(test.hub)
            try await test.running([test.contender(first, keepsLog: true)]) {
                try await until("the owner") { first.isTaken }
                try await first.commit("kept")
            }
            try await test.channel().deleteQueue(test.names.log(zero, segment: 1))
            let policy = TestPolicy(bootstrap: .elsewhere("node-9"))
            let absence = Duration.seconds(5)
            var timing = LogTiming()
            timing.absence = absence
            timing.pause = .milliseconds(200)
            try await test.running([test.contender(first, policy, keepsLog: true, timing: timing)]) {
                try await until("a refusal", within: .seconds(30)) { policy.bootstraps >= 1 }
                let start = ContinuousClock.now
                try await until("more of them", within: .seconds(30)) { policy.bootstraps >= 5 }
                #expect(ContinuousClock.now - start < absence * 2)
            }
        }
    }
}
