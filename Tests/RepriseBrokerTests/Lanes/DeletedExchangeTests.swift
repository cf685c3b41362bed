import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseBroker

/// An exchange that was deleted under a running hub stopped all status messages for good, and no one said so: the
/// channel was opened again ten times a second, and closed by the broker each time.
@Suite("Exchanges that are deleted under a running hub", .live)
struct DeletedExchangeTests {
    private final class Sink: StatusSink {
        let applied = Mutex<[StatusSequenceNumber]>([])
        let missed = Mutex(0)

        func note(_ progress: [ProgressMessage]) async throws {}

        func apply(_ batch: [StatusMessage]) async throws { applied.withLock { $0 += batch.map(\.sequence) } }

        func mayHaveMissed() async { missed.withLock { $0 += 1 } }

        func has(_ sequence: StatusSequenceNumber) -> Bool { applied.withLock { $0.contains(sequence) } }
    }

    private func status(_ number: OutboundNumber) -> Outbound {
        Outbound(
            number: number,
            epoch: 1,
            message: .status(.make(.customStatusSet, sequence: StatusSequenceNumber(rawValue: number.rawValue)))
        )
    }

    private func isConfirmed(_ number: OutboundNumber, _ owner: RecordingOwner) -> Bool {
        owner.events.contains(.settled(OutboundSettlement(number: number, outcome: .confirmed)))
    }

    @Test("That of status messages is made again: they are confirmed, gateways hear them, and know of what they missed")
    func statuses() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (owner, sink, lines) = (RecordingOwner(), Sink(), LogLines(from: .warning))
            let gateway = try test.subscription(sink)
            try await test.running([test.contender(owner, logger: lines.logger), gateway.run]) {
                let link = try await untilFound("the owner") { owner.link }
                try await until("the subscription") { sink.missed.withLock { $0 } == 1 }
                link.publish([status(1)])
                try await until("the first") { sink.has(1) }
                try await test.channel().deleteExchange(test.names.statuses)
                link.publish([status(2)])
                try await until("the confirm") { isConfirmed(2, owner) }
                try await until("the gateway knows") { sink.has(2) || sink.missed.withLock { $0 } == 2 }
                link.publish([status(3)])
                try await until("the next") { sink.has(3) }
                #expect(owner.events.filter { $0 == .taken || $0 == .lost } == [.taken])
            }
            let said = lines.all.filter { $0.contains(test.names.statuses) && $0.contains("status messages") }
            #expect(said.count == 1, "\(lines.all)")
        }
    }

    enum Maker: CaseIterable {
        case contender, forwarder, record
    }

    /// The node that found an inbox missing recreated the exchange with it at once. The gateway bound its queue to the
    /// new one, never learned that there had been none, and showed for good what it had known before.
    @Test(
        "Recreating it with something else leaves gateways the time to find it gone",
        arguments: Maker.allCases
    )
    func gatewaysNotice(_ maker: Maker) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let (owner, sink, inbox) = (RecordingOwner(), Sink(), test.names.inbox(PartitionNumber(0)))
            let gateway = try test.subscription(sink)
            var timing = LogTiming()
            timing.watch = maker == .record ? .milliseconds(200) : .seconds(600)
            let node = maker == .forwarder ? test.forwarder().run : test.contender(owner, timing: timing)
            try await test.running([node, gateway.run]) {
                try await until("the subscription") { sink.missed.withLock { $0 } == 1 }
                if maker != .forwarder { try await until("the owner") { owner.isTaken } }
                let channel = try await test.channel()
                try await channel.deleteExchange(test.names.statuses)
                try await channel.deleteQueue(maker == .record ? test.names.record : inbox)
                if maker == .forwarder {
                    try await test.publish("event.E", RabbitMQProperties(correlationID: "one", messageID: "m"))
                }
                try await until("the exchange", within: .seconds(30)) {
                    try await test.live.connection.hasExchange(test.names.statuses)
                }
                try await until("the gateway knows") { sink.missed.withLock { $0 } > 1 }
                if maker != .record { #expect(try await test.depth(inbox) != nil) }
            }
        }
    }

    @Test("That of withdrawals is made again, and the tasks that were behind it pass")
    func withdrawals() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            let owner = RecordingOwner()
            try await test.channel().declareQueue(test.names.activity("E1_SayHello"))
            try await test.running([test.contender(owner)]) {
                let link = try await untilFound("the owner") { owner.link }
                try await test.channel().deleteExchange(test.names.withdrawals)
                let task = TaskMessage.sayHello()
                let address = TaskAddress(instance: task.instance, token: task.token)
                link.withdraw([WithdrawnTask(activity: "E1_SayHello", address: address, reason: "over")])
                try await until("the exchange") {
                    try await test.live.connection.hasExchange(test.names.withdrawals)
                }
                link.publish([Outbound(number: 1, epoch: 1, message: .task(.sayHello()))])
                try await until("the confirm") { isConfirmed(1, owner) }
            }
        }
    }
}

/// Listeners heard nothing any more, and took the others to be gone.
@Suite("Bindings that went with their exchange", .live)
struct KeptBindingTests {
    @Test("They are made again, with the exchange where that is wanted", arguments: [true, false])
    func kept(isMaking: Bool) async throws {
        try await LiveHub.with(partitions: 1) { test in
            let channel = try await test.channel()
            let exchange = test.names.nodes
            let queue = try await channel.declareQueue(exclusive: true).name
            try await channel.bindQueue(queue, to: exchange)
            try await test.channel().deleteExchange(exchange)
            if !isMaking { try await test.channel().declareExchange(exchange, kind: .fanout) }
            try await test.running([
                { try await channel.keepBound(queue, to: exchange, making: isMaking ? .fanout : nil) }
            ]) {
                try await until("a message") {
                    if try await test.live.connection.hasExchange(exchange) {
                        try await test.channel().publish(
                            RabbitMQMessage(),
                            exchange: exchange,
                            routingKey: "",
                            mandatory: false
                        )
                    }
                    return try await channel.get(queue, noAck: true) != nil
                }
            }
        }
    }

    @Test("Who must know that the exchange is gone is told")
    func told() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let channel = try await test.channel()
            let queue = try await channel.declareQueue(exclusive: true).name
            try await test.channel().deleteExchange(test.names.nodes)
            let error = await #expect(throws: RabbitMQError.self) {
                try await channel.keepBound(queue, to: test.names.nodes)
            }
            #expect(error?.code == .notFound)
        }
    }
}

extension KeptBindingTests {
    /// Once the broker had closed it, for a right that was taken away, no one bound the queue any more.
    @Test("A channel that is closed is not asked again and again")
    func closedChannel() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let channel = try await test.channel()
            let queue = try await channel.declareQueue(exclusive: true).name
            await channel.close()
            let ended = Promise<String>()
            try await test.running([
                {
                    await #expect(throws: RabbitMQError.self) {
                        try await channel.keepBound(queue, to: test.names.nodes)
                    }
                    ended.set("")
                }
            ]) {
                try await until("its owner is told") { ended.now != nil }
            }
        }
    }
}

@Suite("Rights that a node has not", .timeLimit(.minutes(3)))
struct MissingRightTests {
    @Test("That status messages are not taken is said once, and so is the end of it")
    func write() async throws {
        try await OwnBroker.with("rights") { broker, endpoint in
            try await LiveHub.with(partitions: 1, at: endpoint) { test in
                try await broker.control("add_user", "node", "pw")
                try await broker.control("set_permissions", "node", ".*", #"^(?!reprise\..*\.status$).*$"#, ".*")
                var configuration = endpoint.configuration
                configuration.username = "node"
                configuration.password = "pw"
                let (owner, lines) = (RecordingOwner(), LogLines())
                let node = test.contender(owner, at: BrokerEndpoint(configuration), logger: lines.logger)
                try await test.running([node]) {
                    let link = try await untilFound("the owner") { owner.link }
                    link.publish([Outbound(number: 1, epoch: 1, message: .status(.make(.started)))])
                    try await until("it is said") { lines.all.contains { $0.contains("are not accepted") } }
                    // Meanwhile it is tried again.
                    try await Task.sleep(for: .seconds(2))
                    #expect(lines.all.count { $0.contains("are not accepted") } == 1, "\(lines.all)")
                    #expect(lines.all.contains { $0.contains("status messages") && $0.contains("refused") })
                    try await broker.control("set_permissions", "node", ".*", ".*", ".*")
                    try await until("the confirm") {
                        owner.events.contains(.settled(OutboundSettlement(number: 1, outcome: .confirmed)))
                    }
                    try await until("the end is said") { lines.all.contains { $0.contains("are taken again") } }
                }
            }
        }
    }
}
