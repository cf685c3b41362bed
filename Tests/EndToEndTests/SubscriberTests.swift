import Foundation
import RabbitMQ
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

/// Subscribers to a hub's status messages that do not take what they are sent. No one else may suffer for it.
@Suite(.serialized) struct SubscriberTests {
    private static let count = 1_000

    /// Each status message waited for the confirm of that queue, until 512 of them filled the window in which tasks,
    /// answers and the log travel too: after some 400 hellos all partitions gave no answer, and nothing was said.
    @Test(.timeLimit(.minutes(5))) func aQueueThatStopsConfirmingStopsNobody() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "e5")
        defer { hub.remove() }
        let node = try await hub.node()
        try await hub.withClient { client in
            let stranger = try await Stranger(to: hub, "suspended")
            try await stranger.suspend()
            do {
                try await Self.startAll(client)
                try await Self.awaitAll(client)
                try await until("the node's log names the exchange", within: .seconds(60)) {
                    try Self.complaints(node).count > 0
                }
                var more = 0
                try await until("the doctor names it, too", within: .seconds(60)) {
                    // What is let go is no longer a trouble.
                    for _ in 0..<20 {
                        more += 1
                        _ = try await client.startPatiently("E1_HelloSequence", id: "more-\(more)")
                    }
                    let doctor = try await hub.doctor()
                    #expect(!doctor.contains("gives no answer"), "\(doctor)")
                    return doctor.contains("reprise.\(hub.name).status")
                }
            } catch {
                try await stranger.resume()
                throw error
            }
            try await stranger.resume()
            for number in 0..<20 { _ = try await client.startPatiently("E1_HelloSequence", id: "after-\(number)") }
            try await until("all is delivered, or let go", within: .seconds(90)) {
                try await Self.retrying(client) == 0
            }
            try await until("the node's log says that it is over", within: .seconds(60)) {
                try Self.text(of: node).contains("confirms again")
            }
            #expect(try Self.complaints(node).count == 1, "said once, and not every second")
            try await until("all is heard again", within: .seconds(60)) {
                hub.observer.instances("after-").values.count { $0.versions == Set(1...5) } == 20
            }
            for heard in hub.observer.instances("hello-").values { #expect(heard.ends.count <= 1) }
            for number in [0, 1, Self.count - 1] {
                let (_, history) = try #require(
                    try await client.status(of: try InstanceID("hello-\(number)"), history: true)
                )
                let done = history.filter { if case .taskCompleted = $0.event { true } else { false } }
                #expect(done.count == 3)
            }
            try await stranger.leave()
        }
        await node.stop()
    }

    /// Each of its refusals was repeated to all other subscribers every 30 s, forever.
    @Test(.timeLimit(.minutes(3))) func aFullQueueIsOfferedEachMessageAFewTimes() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "e14")
        defer { hub.remove() }
        let node = try await hub.node()
        try await hub.withClient { client in
            let full = try await Stranger(
                to: hub,
                "full",
                arguments: ["x-max-length": 1, "x-overflow": "reject-publish"]
            )
            let other = try await Stranger(to: hub, "other")
            for number in 0..<10 { _ = try await client.startPatiently("E1_HelloSequence", id: "hello-\(number)") }
            try await until("the full queue refuses", within: .seconds(60)) { try await Self.retrying(client) > 0 }
            try await until("it is let go", within: .seconds(60)) { try await Self.retrying(client) == 0 }
            let copies = try await other.take()
            #expect(copies.count >= 50)
            #expect(copies.values.max() == 5, "offered five times: \(copies)")
            // Giving up is final: nothing comes again.
            try await Task.sleep(for: .seconds(20))
            #expect(try await other.take().isEmpty)
            #expect(try await Self.retrying(client) == 0)
            try await full.leave()
            try await other.leave()
        }
        await node.stop()
    }

    private static func startAll(_ client: BrokerHubClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<50 {
                group.addTask {
                    for number in stride(from: lane, to: count, by: 50) {
                        _ = try await client.startPatiently("E1_HelloSequence", id: "hello-\(number)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The partitions are asked: status messages are what does not come.
    private static func awaitAll(_ client: BrokerHubClient) async throws {
        for number in 0..<count {
            try await until("hello-\(number) completes", within: .seconds(60)) {
                let status = try await client.status(of: try InstanceID("hello-\(number)"))?.status
                return status?.runtimeStatus == .completed && status?.output.text == Hello.output
            }
        }
    }

    private static func retrying(_ client: BrokerHubClient) async throws -> Int {
        var sum = 0
        for partition in 0..<client.partitionCount {
            let answer = try await client.ask(.health, partition: PartitionNumber(partition))
            guard case .health(let health) = answer else { throw NoHealth(answer: answer) }
            sum += health.retrying
        }
        return sum
    }

    private static func text(of node: RunningProgram) throws -> String {
        try String(contentsOf: node.log, encoding: .utf8)
    }

    private static func complaints(_ node: RunningProgram) throws -> [Substring] {
        try text(of: node).split(separator: "\n").filter { $0.contains("does not confirm") }
    }
}

private struct NoHealth: Error { var answer: Answer }

extension DeployedHub {
    /// What `reprise doctor` says.
    fileprivate func doctor() async throws -> String {
        let log = directory.appending(path: "doctor.log")
        try await RunningProgram.launch("reprise", ["doctor"], environment: environment, log: log).end()
        return try String(contentsOf: log, encoding: .utf8)
    }
}
