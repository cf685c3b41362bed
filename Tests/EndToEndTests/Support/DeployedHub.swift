import Foundation
import Logging
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

/// A hub of its own name on a real broker, with directories of its own.
struct DeployedHub: Sendable {
    let url: String
    let name: HubName
    let directory: URL
    let observer = StatusObserver()

    init(url: String, label: String) throws {
        self.url = url
        name = try HubName("\(label)-\(UUID().uuidString.prefix(8).lowercased())")
        directory = FileManager.default.temporaryDirectory.appending(path: name.value)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func node(roles: String = "orchestrations,activities") async throws -> RunningProgram {
        try await RunningProgram.start(
            "reprise-samples",
            environment: environment.merging(["REPRISE_ROLES": roles]) { $1 },
            log: directory.appending(path: "\(roles).log"),
            ready: "node ready"
        )
    }

    func gateway(port: Int) async throws -> RunningProgram {
        try await RunningProgram.start(
            "reprise",
            ["gateway", "--port", String(port), "--data", directory.appending(path: "gateway").path],
            environment: environment,
            log: directory.appending(path: "gateway.log"),
            ready: "gateway ready"
        )
    }

    var environment: [String: String] {
        [
            "REPRISE_AMQP_URL": url,
            "REPRISE_HUB": name.value,
            "REPRISE_DATA": directory.appending(path: "node").path,
        ]
    }

    /// Runs `body` with a connected client, while the observer hears every status message of the hub.
    func withClient<Result: Sendable>(
        _ body: @Sendable @escaping (BrokerHubClient) async throws -> Result
    ) async throws -> Result {
        var logger = Logger(label: "test.\(name)")
        logger.logLevel = .error
        let endpoint = try BrokerEndpoint(url: url, name: "test of \(name)")
        let subscription = try StatusSubscription(
            endpoint: endpoint,
            hub: name,
            gateway: "observer",
            sink: observer,
            logger: logger
        )
        let client = try await BrokerHubClient.connect(to: endpoint, hub: name, logger: logger)
        let hub = self
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await subscription.run()
                return nil
            }
            group.addTask {
                // What is published before its queue is bound, the observer never hears.
                try await until("the observer listens", within: .seconds(60)) { hub.observer.isListening }
                return try await client.whileRunning(body)
            }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }
}

/// Hears every status message, and keeps of each what the tests ask for: as an observer does that drops repeats.
final class StatusObserver: StatusSink {
    struct Heard: Sendable {
        var versions: Set<Int64> = []
        var end: StatusMessage?
        /// Ends of different versions or outputs: there must never be two.
        var ends: Set<String> = []
        var statuses: [Int64: Payload] = [:]
    }

    private let heard = Mutex<[String: Heard]>([:])
    private let listening = Mutex(false)

    func apply(_ batch: [StatusMessage]) async {
        heard.withLock { heard in
            for message in batch {
                var entry = heard["\(message.instance)/\(message.incarnation)"] ?? Heard()
                entry.versions.insert(message.version)
                switch message.kind {
                case .completed, .failed, .terminated:
                    entry.end = message
                    entry.ends.insert("\(message.kind) \(message.version) \(message.payload.text)")
                case .customStatusSet: entry.statuses[message.version] = message.payload
                default: break
                }
                heard["\(message.instance)/\(message.incarnation)"] = entry
            }
        }
    }

    func note(_ progress: [ProgressMessage]) async {}

    func mayHaveMissed() async { listening.withLock { $0 = true } }

    /// Once its queue is there.
    var isListening: Bool { listening.withLock { $0 } }

    var messageCount: Int { heard.withLock { $0.values.reduce(0) { $0 + $1.versions.count } } }

    /// What was heard of instances whose ids begin so, by id; one incarnation each.
    func instances(_ prefix: String) -> [String: Heard] {
        heard.withLock { heard in
            var found: [String: Heard] = [:]
            for (key, entry) in heard where key.hasPrefix(prefix) {
                let id = String(key.prefix(upTo: key.lastIndex(of: "/") ?? key.endIndex))
                #expect(found[id] == nil, "\(id) has two incarnations")
                found[id] = entry
            }
            return found
        }
    }
}

extension BrokerHubClient {
    /// Starts an instance as a careful client does: asks again under the same key until it has an answer.
    func startPatiently(_ orchestrator: String, id: String, input: Payload = .null) async throws -> Answer {
        let command = Command(
            instance: try InstanceID(id),
            action: .start(orchestrator: orchestrator, input: input),
            messageID: "start-\(id)"
        )
        let clock = ContinuousClock()
        let end = clock.now + .seconds(90)
        while true {
            do {
                return try await send(command, ordered: true)
            } catch {
                guard clock.now < end else { throw error }
                try await clock.sleep(for: .milliseconds(50))
            }
        }
    }
}
