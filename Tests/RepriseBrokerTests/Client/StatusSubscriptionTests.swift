import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseBroker

@Suite("Listening to status messages", .live)
struct StatusSubscriptionTests {
    private final class Sink: StatusSink {
        struct Refused: Error {}
        let applied = Mutex<[StatusSequenceNumber]>([])
        let missed = Mutex(0)
        let refusals = Mutex(0)
        let progress = Mutex<[ProgressMessage]>([])

        func note(_ progress: [ProgressMessage]) async throws { self.progress.withLock { $0 += progress } }

        func apply(_ batch: [StatusMessage]) async throws {
            let refuses = refusals.withLock { refusals in
                defer { refusals = max(0, refusals - 1) }
                return refusals > 0
            }
            if refuses { throw Refused() }
            applied.withLock { $0 += batch.map(\.sequence) }
        }

        func mayHaveMissed() async { missed.withLock { $0 += 1 } }
    }

    private func publish(_ test: LiveHub, _ sequences: ClosedRange<StatusSequenceNumber>) async throws {
        let channel = try await test.channel()
        for sequence in sequences {
            let status = StatusMessage.make(.customStatusSet, instance: "i\(sequence.rawValue % 2)", sequence: sequence)
            let publication = StatusEnvelope.publication(of: status, number: 0, names: test.names)
            try await channel.publish(
                publication.message,
                exchange: publication.exchange,
                routingKey: publication.routingKey,
                mandatory: false
            )
        }
    }

    @Test("Progress is heard beside the statuses, and its end too")
    func progress() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let sink = Sink()
            try await test.running([try test.subscription(sink).run]) {
                try await until("the subscription") { sink.missed.withLock { $0 } == 1 }
                let channel = try await test.channel()
                for value in [Payload(json: #"{"done":1}"#), nil] {
                    let publication = ProgressEnvelope.publication(of: .make(value), names: test.names)
                    try await channel.publish(
                        publication.message,
                        exchange: publication.exchange,
                        routingKey: publication.routingKey,
                        mandatory: false
                    )
                }
                try await publish(test, 1...1)
                try await until("all of it") { sink.applied.withLock { $0 }.count == 1 }
                #expect(sink.progress.withLock { $0 } == [.make(Payload(json: #"{"done":1}"#)), .make(nil)])
            }
        }
    }

    @Test("A gateway hears everything, also what was said while it was away")
    func durable() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let sink = Sink()
            try await test.running([try test.subscription(sink).run]) {
                try await until("the subscription") { sink.missed.withLock { $0 } == 1 }
                try await publish(test, 1...50)
                try await until("all of it") { sink.applied.withLock { $0 }.count == 50 }
            }
            try await publish(test, 51...60)
            try await test.running([try test.subscription(sink).run]) {
                try await until("the rest") { sink.applied.withLock { $0 }.count == 60 }
            }
            #expect(sink.applied.withLock { $0 } == Array(1...60))
            // The second time the queue was there: nothing was missed.
            #expect(sink.missed.withLock { $0 } == 1)
        }
    }

    @Test("What the sink could not apply comes again")
    func refusal() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let sink = Sink()
            sink.refusals.withLock { $0 = 1 }
            try await test.running([try test.subscription(sink).run]) {
                try await until("the subscription") { sink.missed.withLock { $0 } == 1 }
                try await publish(test, 1...5)
                try await until("all of it") { Set(sink.applied.withLock { $0 }) == [1, 2, 3, 4, 5] }
            }
        }
    }

    @Test("A stranger's message goes to the dead letters, and the next is applied")
    func garbage() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let sink = Sink()
            try await test.running([try test.subscription(sink).run]) {
                try await until("the subscription") { sink.missed.withLock { $0 } == 1 }
                try await test.channel().publish(
                    RabbitMQMessage(properties: RabbitMQProperties(messageID: "stray"), body: [1]),
                    exchange: test.names.statuses,
                    routingKey: "a.b"
                )
                try await publish(test, 1...1)
                try await until("the next") { sink.applied.withLock { $0 } == [1] }
                let letter = DeadLetterEnvelope(try await test.next(test.names.dead))
                #expect(
                    letter.original.properties.messageID == "stray" && letter.original.exchange == test.names.statuses
                )
            }
        }
    }

    @Test("A gateway's id is part of a queue's name", arguments: ["", "a.b", "a b", String(repeating: "g", count: 65)])
    func gatewayID(id: String) {
        let endpoint = BrokerEndpoint(RabbitMQConnectionConfiguration())
        let error = #expect(throws: HubError.self) {
            try StatusSubscription(endpoint: endpoint, hub: testHub, gateway: id, sink: Sink(), logger: LiveHub.logger)
        }
        #expect(error?.code == .address)
    }

    @Test("A watcher sees one instance, from before it says that it looks")
    func watch() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let watch = StatusWatch(endpoint: test.endpoint, hub: test.hub)
            let seen = try await watch.run(instance: InstanceID(checked: "i0")) { messages in
                try await publish(test, 1...6)
                var seen: [StatusSequenceNumber] = []
                for await message in messages {
                    seen.append(message.sequence)
                    if seen.count == 3 { break }
                }
                return seen
            }
            #expect(seen == [2, 4, 6])
        }
    }

    @Test("There is nothing to watch where there is no hub")
    func noHub() async throws {
        let watch = StatusWatch(
            endpoint: try LiveHub.endpoint(),
            hub: HubName(checked: "nobody-\(RandomID.make().prefix(8))")
        )
        let error = await #expect(throws: HubError.self) { try await watch.run { _ in } }
        #expect(error?.code == .noSuchHub)
    }
}
