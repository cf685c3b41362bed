import Foundation
import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("Why a hub cannot be asked", .serialized, .timeLimit(.minutes(4)))
struct CauseTests {
    private let zero = PartitionNumber(0)

    private func client(_ test: LiveHub, _ endpoint: BrokerEndpoint, _ lines: LogLines) -> BrokerHubClient {
        BrokerHubClient(
            endpoint: endpoint,
            hub: test.hub,
            partitionCount: 1,
            logger: lines.logger,
            deadline: .milliseconds(1_500)
        )
    }

    /// What a question that gets no answer is told.
    private func refusal(_ client: BrokerHubClient) async throws -> HubUnavailable {
        let error = await #expect(throws: HubUnavailable.self) { _ = try await client.ask(.health, partition: zero) }
        return try #require(error)
    }

    @Test("A broker without memory is named, once when it begins and once when it ends")
    func alarm() async throws {
        try await OwnBroker.with("alarm") { broker, endpoint in
            try await LiveHub.with(partitions: 1, at: endpoint) { test in
                let lines = LogLines()
                try await client(test, endpoint, lines).whileRunning { client in
                    #expect(try await refusal(client).party == .partition)
                    try await broker.control("set_vm_memory_high_watermark", "0.0000001")
                    try await until("the alarm is named") {
                        let refusal = try await self.refusal(client)
                        return refusal.party == .broker && refusal.message.contains("low on memory")
                    }
                    // Another of the same program's connections is told as well; that is not news.
                    try await self.client(test, endpoint, lines).whileRunning { other in
                        let refusal = try await self.refusal(other)
                        #expect(refusal.message.contains("low on memory"))
                    }
                    #expect(
                        lines.all.count { $0.contains("takes no messages: low on memory") } == 1,
                        "\(lines.all)"
                    )
                    try await broker.control("set_vm_memory_high_watermark", "0.6")
                    try await until("it is over") { try await refusal(client).party == .partition }
                    #expect(lines.all.count { $0.contains("takes messages again") } == 1, "\(lines.all)")
                }
            }
        }
    }

    @Test("A refused password and missing rights are named, each once, and so is the end")
    func refused() async throws {
        try await OwnBroker.with("refused") { broker, endpoint in
            try await LiveHub.with(partitions: 1, at: endpoint) { test in
                try await broker.control("add_user", "nobody", "pw")
                try await broker.control("set_permissions", "nobody", "^$", "^$", "^$")
                var configuration = endpoint.configuration
                configuration.username = "nobody"
                configuration.password = "other"
                let lines = LogLines()
                try await client(test, BrokerEndpoint(configuration), lines).whileRunning { client in
                    let password = try await refusal(client)
                    #expect(password.message.contains("does not accept the user 'nobody'"), "\(password)")
                    #expect(password.party == .broker)
                    try await broker.control("change_password", "nobody", "other")
                    try await until("the missing right is named") {
                        try await refusal(client).message.contains("refused for user 'nobody'")
                    }
                    try await broker.control("set_permissions", "nobody", ".*", ".*", ".*")
                    try await until("it is over") { lines.all.contains { $0.contains("connected again") } }
                    #expect(try await refusal(client).party == .partition)
                }
                #expect(lines.all.count == 3, "\(lines.all)")
                #expect(lines.all.first?.contains("does not accept the user 'nobody'") == true)
                #expect(lines.all.dropFirst().first?.contains("refused for user 'nobody'") == true)
            }
        }
    }

    /// The table had no rows for gateways and command lines, and the documented subscriber failed under its own: its queue
    /// has a name that the broker gives.
    @Test("The documented permissions are enough")
    func permissions() async throws {
        try await OwnBroker.with("rights") { broker, endpoint in
            try await LiveHub.with(partitions: 1, at: endpoint) { test in
                func permitted(as row: String) async throws -> BrokerEndpoint {
                    let rights = try DocumentedRights(of: row, in: test.hub)
                    let user = row.filter { $0 != " " }
                    try await broker.control("add_user", user, "pw")
                    try await broker.control(
                        "set_permissions",
                        user,
                        rights.configure,
                        rights.write,
                        rights.read
                    )
                    var configuration = endpoint.configuration
                    configuration.username = user
                    configuration.password = "pw"
                    return BrokerEndpoint(configuration)
                }
                // As the documentation's subscriber does.
                try await permitted(as: "status subscriber").withChannel(for: "test") { channel in
                    let queue = try await channel.declareQueue("", durable: false, exclusive: true).name
                    try await channel.bindQueue(queue, to: test.names.statuses, routingKey: "#")
                    try await channel.consume(queue)
                }
                let gateway = try await permitted(as: "gateway")
                let lines = LogLines()
                let sink = ListeningSink()
                let subscription = try StatusSubscription(
                    endpoint: gateway,
                    hub: test.hub,
                    gateway: "g",
                    sink: sink,
                    logger: lines.logger
                )
                let commandLine = try await permitted(as: "command line")
                try await test.running([test.contender(RecordingOwner { _, _ in }), subscription.run]) {
                    try await until("the gateway listens") { sink.isListening.now != nil }
                    for endpoint in [gateway, commandLine] {
                        try await client(test, endpoint, lines).whileRunning { client in
                            let refusal = try await self.refusal(client)
                            #expect(refusal.party == .partition, "\(refusal)")
                        }
                        _ = try await ClusterObserver.once(
                            endpoint: endpoint,
                            hub: test.hub,
                            partitionCount: 1,
                            logger: lines.logger
                        )
                        #expect(try await HubTopology.partitionCount(of: test.hub, at: endpoint) == 1)
                        #expect(try await DeadLetters(endpoint: endpoint, hub: test.hub).list(limit: 1).total == 0)
                    }
                    try await StatusWatch(endpoint: commandLine, hub: test.hub).run { _ in }
                }
                #expect(lines.all.isEmpty, "\(lines.all)")
            }
        }
    }
}

/// A row of the table in AMQP-Protocol.md.
private struct DocumentedRights {
    let configure: String
    let write: String
    let read: String

    init(of row: String, in hub: HubName) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Reprise/Reprise.docc/AMQP-Protocol.md")
        let text: String = try String(contentsOf: file, encoding: .utf8)
        let line: Substring = try #require(text.split(separator: "\n").first { $0.hasPrefix("| \(row) |") })
        // A bar within a cell is written \\|.
        let escaped: String = line.replacingOccurrences(of: "\\|", with: "\u{1}")
        let frame = CharacterSet(charactersIn: " `")
        var cells: [String] = []
        for cell in escaped.split(separator: "|") {
            let whole: String = cell.replacingOccurrences(of: "\u{1}", with: "|")
            // Not amq.default, which is the broker's.
            let named: String = whole.replacingOccurrences(of: #"reprise\.default"#, with: #"reprise\."# + hub.value)
            cells.append(named.trimmingCharacters(in: frame))
        }
        try #require(cells.count == 4)
        (configure, write, read) = (cells[1], cells[2], cells[3])
    }
}

private final class ListeningSink: StatusSink {
    let isListening = Promise<Bool>()
    func apply(_ batch: [StatusMessage]) async {}
    func note(_ progress: [ProgressMessage]) async {}
    func mayHaveMissed() async { isListening.set(true) }
}
