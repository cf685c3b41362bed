import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("Clients of a hub", .live)
struct BrokerHubClientTests {
    private func client(_ test: LiveHub, deadline: Duration = .seconds(10)) async throws -> BrokerHubClient {
        try await BrokerHubClient.connect(to: test.endpoint, hub: test.hub, logger: LiveHub.logger, deadline: deadline)
    }

    /// A partition that accepts every command and answers questions about its health.
    private func partition(_ test: LiveHub) -> @Sendable () async throws -> Void {
        let owner = RecordingOwner { deliveries, link in
            for delivery in deliveries {
                guard let address = delivery.replyTo else { continue }
                let answer: Answer
                switch delivery.message {
                case .command(let command) where command.action == .purge:
                    answer = .rejected(Rejection(.unknownInstance, "no '\(command.instance)'"))
                case .command(let command): answer = .accepted(command.instance)
                case .query(.status(let instance, _)): answer = .status(.make(instance.value), history: [])
                default: answer = .rejected(Rejection(.invalid, "\(delivery.message)"))
                }
                link.answer([Reply(to: address, answer: answer)])
            }
            if let last = deliveries.last { link.acknowledge(through: last.tag) }
        }
        return test.contender(owner)
    }

    private func command(_ id: String, _ action: Command.Action = .start(orchestrator: "A", input: .null)) -> Command {
        Command(instance: InstanceID(checked: id), action: action, isInteractive: true)
    }

    @Test("Requests are answered, each with its own answer, also when many repeat one key")
    func answers() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let client = try await client(test)
            #expect(client.partitionCount == 1)
            try await test.running([partition(test), test.forwarder().run, client.run]) {
                #expect(try await client.send(command("a"), ordered: false) == .accepted(InstanceID(checked: "a")))
                #expect(try await client.send(command("b"), ordered: true) == .accepted(InstanceID(checked: "b")))
                #expect(
                    try await client.send(command("c", .purge), ordered: false)
                        == .rejected(Rejection(.unknownInstance, "no 'c'"))
                )
                let status = try await client.status(of: InstanceID(checked: "d"))
                #expect(status?.status == .make("d"))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            var command = command("i\(number)")
                            command.messageID = "the same key"
                            let answer = try await client.send(command, ordered: false)
                            #expect(answer == .accepted(command.instance))
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    /// A client wrote until when it would wait, by its own clock: ten seconds behind the node's, and every command was
    /// refused as expired. How old a command is, the broker counts; also on the way through the intake.
    @Test("A command expires on the broker, by no clock of its sender's", arguments: [false, true])
    func deadline(ordered: Bool) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let client = try await client(test, deadline: .seconds(5))
            try await test.running([client.run, test.forwarder().run]) {
                let request = Task { try? await client.send(command("a"), ordered: ordered) }
                let properties = try await test.next(test.names.inbox(PartitionNumber(0))).properties
                #expect(properties.expiration == "5000")
                #expect(properties.headers["reprise-deadline"] == nil)
                #expect(properties.headers["reprise-passing-key"] == true && properties.messageID?.isEmpty == false)
                request.cancel()
                let again = Task {
                    var command = command("a")
                    command.messageID = "mine"
                    return try? await client.send(command, ordered: ordered)
                }
                let own = try await test.next(test.names.inbox(PartitionNumber(0))).properties
                #expect(own.headers["reprise-passing-key"] == nil && own.messageID == "mine")
                again.cancel()
            }
        }
    }

    @Test("What can never be sent is refused, not reported as an absence", .timeLimit(.minutes(1)))
    func unsendable() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let client = try await client(test)
            try await test.running([client.run]) {
                var request = StartRequest(orchestrator: "A", input: .null)
                request.tags = ["long": String(repeating: "x", count: 200_000)]
                let answer = try await client.send(command("a", .start(request)), ordered: false)
                guard case .rejected(let rejection) = answer else {
                    Issue.record("\(answer)")
                    return
                }
                #expect(rejection.code == .tooLarge && rejection.reason.contains("200"))
            }
        }
    }

    @Test("A client whose connection is cut says so, and goes on with the next request")
    func cutConnection() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (relay, endpoint) = try test.relay()
            defer { relay.close() }
            let client = BrokerHubClient(endpoint: endpoint, hub: test.hub, partitionCount: 1, logger: LiveHub.logger)
            try await test.running([client.run]) {
                // No one answers yet, so this request is under way when the connection is cut.
                let request = Task { try await client.send(command("a"), ordered: false) }
                try await until("the request") { try await test.depth(test.names.inbox(PartitionNumber(0))) == 1 }
                relay.cut()
                let error = await #expect(throws: HubUnavailable.self) { try await request.value }
                #expect(error?.message.contains("was lost before the answer came") == true)
                try await test.running([partition(test)]) {
                    let answer = try await client.send(command("b"), ordered: false)
                    #expect(answer == .accepted(InstanceID(checked: "b")))
                }
            }
        }
    }

    @Test("A partition that is silent is named, and so is one without an inbox")
    func silence() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let client = try await client(test, deadline: .seconds(2))
            try await test.running([client.run]) {
                let silent = await #expect(throws: HubUnavailable.self) {
                    try await client.send(command("a"), ordered: false)
                }
                #expect(
                    silent?.message.contains("partition 0") == true
                        && silent?.message.contains("did not answer") == true
                )
                // Nothing is left for a node that comes too late.
                try await until("an empty inbox") {
                    try await test.depth(test.names.inbox(PartitionNumber(0))) == 0
                }
                try await test.channel().deleteQueue(test.names.inbox(PartitionNumber(0)))
                let missing = await #expect(throws: HubUnavailable.self) {
                    try await client.ask(.health, partition: PartitionNumber(0))
                }
                #expect(missing?.message.contains("no inbox") == true)
            }
        }
    }

    @Test("A broker that is not there is named")
    func noBroker() async throws {
        let endpoint = try BrokerEndpoint(url: "amqp://127.0.0.1:1/", name: "test")
        let client = BrokerHubClient(
            endpoint: endpoint,
            hub: testHub,
            partitionCount: 1,
            logger: LiveHub.logger,
            deadline: .milliseconds(300)
        )
        try await client.whileRunning { client in
            let error = await #expect(throws: HubUnavailable.self) {
                try await client.ask(.health, partition: PartitionNumber(0))
            }
            #expect(error?.message.contains("the broker at 127.0.0.1:1") == true)
        }
        await #expect(throws: HubUnavailable.self) { try await client.ask(.health, partition: PartitionNumber(0)) }
    }

    @Test("Senders with RabbitMQ's direct reply-to are answered as well", arguments: ["start.A", "begin.A"])
    func directReply(key: String) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let answers = BatchQueue<RabbitMQDelivery>()
            try await test.running([partition(test), test.forwarder().run]) {
                let channel = try await test.live.connection.openChannel { event in
                    if case .deliveries(let deliveries) = event { answers.post(deliveries) }
                }
                try await channel.consume("amq.rabbitmq.reply-to", noAck: true)
                let properties = RabbitMQProperties(correlationID: "one", replyTo: "amq.rabbitmq.reply-to")
                try await channel.publish(
                    RabbitMQMessage(properties: properties),
                    exchange: test.names.commands,
                    routingKey: key
                )
                let answer = try #require(await answers.next()?.first)
                #expect(answer.properties.type == (key == "start.A" ? "accepted" : "rejected"))
                #expect(answer.properties.correlationID == "one")
            }
        }
    }
}
