import Foundation
import Synchronization
import Testing

@testable import RabbitMQ

/// How fast the client is, to back up any number claimed:
///
///     REPRISE_TEST_THROUGHPUT=200000 swift test -c release -Xswiftc -enable-testing --filter ThroughputTests
@Suite(.enabled(if: ProcessInfo.processInfo.environment["REPRISE_TEST_THROUGHPUT"] != nil))
struct ThroughputTests {
    let count = Int(ProcessInfo.processInfo.environment["REPRISE_TEST_THROUGHPUT"] ?? "") ?? 100_000

    @Test func oneKilobyteThroughAQuorumQueue() async throws {
        try await TestBroker.withConnection { connection in
            let settled = Counter()
            let publisher = try await connection.openChannel {
                if case .settled(let batch) = $0 { settled.add(batch.count) }
            }
            let queue = TestBroker.uniqueName("throughput")
            try await publisher.declareQueue(queue, arguments: ["x-queue-type": "quorum"])
            let body = [UInt8](repeating: 120, count: 1_024)
            try await report("publish and confirm") {
                for start in stride(from: 0, to: count, by: 256) {
                    let ids = start..<min(start + 256, count)
                    publisher.publish(ids.map { .kilobyte(UInt64($0), body, to: queue) })
                    await settled.reach(start - 4_096)
                }
                await settled.reach(count)
            }
            let delivered = Counter()
            let (stream, feed) = AsyncStream.makeStream(of: [RabbitMQDelivery].self)
            let consumer = try await connection.openChannel {
                if case .deliveries(let batch) = $0 { feed.yield(batch) }
            }
            try await consumer.setPrefetch(1_000)
            try await report("deliver and acknowledge") {
                try await consumer.consume(queue)
                for await batch in stream {
                    if let last = batch.last { consumer.ack(last.tag, multiple: true) }
                    delivered.add(batch.count)
                    if delivered.value >= count { break }
                }
            }
            try await report("publish and confirm, one at a time", count: 1_000) {
                for _ in 0..<1_000 { try await publisher.publish(RabbitMQMessage(body: body), routingKey: queue) }
            }
            #expect(delivered.value >= count)
            try await publisher.deleteQueue(queue)
        }
    }

    func report(_ what: String, count: Int? = nil, _ body: () async throws -> Void) async throws {
        let time = try await ContinuousClock().measure(body)
        print("\(what): \(Int(Double(count ?? self.count) / (time / .seconds(1)))) per second")
    }
}

/// Counts on any thread and lets one task wait.
private final class Counter: Sendable {
    private struct State {
        var value = 0
        var goal = Int.max
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var value: Int { state.withLock { $0.value } }

    func add(_ amount: Int) {
        let reached: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.value += amount
            return state.value >= state.goal ? state.waiting.take() : nil
        }
        reached?.resume()
    }

    func reach(_ goal: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                state.goal = goal
                if state.value < goal { state.waiting = continuation }
                return state.value >= goal
            }
            if isThere { continuation.resume() }
        }
    }
}

extension RabbitMQPublication {
    fileprivate static func kilobyte(_ id: UInt64, _ body: [UInt8], to queue: String) -> RabbitMQPublication {
        let properties = RabbitMQProperties(
            contentType: "application/json",
            headers: ["tenant": "throughput"],
            correlationID: "order-4711",
            messageID: "hub.3.\(id)",
            type: "Start"
        )
        return RabbitMQPublication(
            id: id,
            routingKey: queue,
            message: RabbitMQMessage(properties: properties, body: body)
        )
    }
}
