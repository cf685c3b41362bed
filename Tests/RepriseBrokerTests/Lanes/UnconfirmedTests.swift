import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// One queue that confirmed nothing stopped a whole hub: the window of the channel of lock, log, tasks and commands was
/// full of messages that no one needed.
@Suite("Confirms that do not come", .live)
struct UnconfirmedTests {
    private let zero = PartitionNumber(0)

    private func endpoint(_ test: LiveHub) -> BrokerEndpoint {
        var endpoint = test.endpoint
        endpoint.configuration.confirmTimeout = .seconds(2)
        return endpoint
    }

    /// The first of each number.
    private func outcomes(_ owner: RecordingOwner) -> [OutboundNumber: OutboundSettlement.Outcome] {
        var outcomes: [OutboundNumber: OutboundSettlement.Outcome] = [:]
        for case .settled(let settlement) in owner.events where outcomes[settlement.number] == nil {
            outcomes[settlement.number] = settlement.outcome
        }
        return outcomes
    }

    private func task(_ number: OutboundNumber, _ name: String) -> Outbound {
        var task = TaskMessage.sayHello(key: number)
        task.task.name = name
        return Outbound(number: number, epoch: 1, message: .task(task))
    }

    private func command(_ number: OutboundNumber) -> Outbound {
        let command = Command(instance: InstanceID(checked: "one"), action: .purge, messageID: "m\(number)")
        return Outbound(number: number, epoch: 1, message: .command(command))
    }

    @Test("A subscriber's queue holds up neither tasks nor commands nor the lock, and nothing is doubled (E5)")
    func subscriber() async throws {
        try await LiveHub.with(partitions: 1, activities: ["Good"]) { test in
            let channel = try await test.channel()
            try await channel.declareQueue(test.names.activity("Good"))
            let stuck = try await StuckQueue.make("\(test.hub)-stuck", on: channel)
            try await channel.bindQueue(stuck.name, to: test.names.statuses, routingKey: "#")
            let owner = RecordingOwner()
            try await test.running([test.contender(owner, at: endpoint(test))]) {
                let link = try await untilFound("the owner") { owner.link }
                for number in 1...2_000 as ClosedRange<OutboundNumber> {
                    link.publish([
                        Outbound(
                            number: number,
                            epoch: 1,
                            message: .status(
                                .make(.customStatusSet, sequence: StatusSequenceNumber(rawValue: number.rawValue))
                            )
                        )
                    ])
                }
                link.publish((3_001...3_300).map { task($0, "Good") })
                link.publish((4_001...4_300).map(command))
                try await until("tasks and commands are confirmed") {
                    let outcomes = outcomes(owner)
                    return outcomes[3_300] == .confirmed && outcomes[4_300] == .confirmed
                }
                try await until("each status message has an outcome") {
                    let outcomes = outcomes(owner)
                    return (1...2_000 as ClosedRange<OutboundNumber>).allSatisfy { outcomes[$0] != nil }
                }
                let ends = outcomes(owner)
                for number in 1...2_000 as ClosedRange<OutboundNumber> {
                    switch ends[number] {
                    // Sent, or behind those that were.
                    case .unconfirmed(let reason), .undeliverable(let reason):
                        #expect(reason.contains(test.names.statuses))
                    default: Issue.record("\(number) has none")
                    }
                }
                try await stuck.resume()
                try await until("it is heard again") {
                    let number = OutboundNumber(rawValue: .random(in: 5_000...1_000_000))
                    let status = StatusMessage.make(
                        .customStatusSet,
                        sequence: StatusSequenceNumber(rawValue: number.rawValue)
                    )
                    link.publish([Outbound(number: number, epoch: 1, message: .status(status))])
                    try await Task.sleep(for: .milliseconds(200))
                    return outcomes(owner)[number] == .confirmed
                }
                #expect(!owner.events.contains(.lost))
            }
            #expect(try await test.depth(test.names.activity("Good")) == 300)
            #expect(try await test.depth(test.names.inbox(zero)) == 300)
            try await channel.deleteQueue(stuck.name)
        }
    }

    @Test("An activity's queue holds up the tasks of others for a while only, and nothing else (E5)")
    func activity() async throws {
        try await LiveHub.with(partitions: 1, activities: ["Good", "Bad"]) { test in
            let channel = try await test.channel()
            try await channel.declareQueue(test.names.activity("Good"))
            let stuck = try await StuckQueue.make(test.names.activity("Bad"), on: channel)
            let owner = RecordingOwner()
            try await test.running([test.contender(owner, at: endpoint(test))]) {
                let link = try await untilFound("the owner") { owner.link }
                link.publish((1...1_000).map { task($0, "Bad") })
                link.publish((2_001...2_300).map(command))
                link.publish([Outbound(number: 3_000, epoch: 1, message: .status(.make(.started)))])
                try await until("commands and status messages are confirmed") {
                    let outcomes = outcomes(owner)
                    return outcomes[2_300] == .confirmed && outcomes[3_000] == .confirmed
                }
                try await until("it is known") {
                    if case .unconfirmed(let reason)? = outcomes(owner)[1] {
                        reason.contains(stuck.name)
                    } else {
                        false
                    }
                }
                for number in 4_000..<4_500 as Range<OutboundNumber> {
                    link.publish([task(number, "Bad"), task(number.advanced(by: 1_000), "Good")])
                }
                try await until("the others' tasks are confirmed") {
                    let outcomes = outcomes(owner)
                    return (5_000..<5_500 as Range<OutboundNumber>).allSatisfy { outcomes[$0] == .confirmed }
                }
                #expect(!owner.events.contains(.lost))
                try await stuck.resume()
            }
        }
    }

    /// Healthy activities were given 16 messages at a time, and people were told that their queues had no leader.
    @Test("What waits behind a queue that hangs, and is never sent, says nothing of its own queue")
    func behind() async throws {
        try await LiveHub.with(partitions: 1, activities: ["Good", "Bad"]) { test in
            let channel = try await test.channel()
            try await channel.declareQueue(test.names.activity("Good"))
            let stuck = try await StuckQueue.make(test.names.activity("Bad"), on: channel)
            let (owner, lines) = (RecordingOwner(), LogLines(from: .warning))
            try await test.running([test.contender(owner, at: endpoint(test), logger: lines.logger)]) {
                let link = try await untilFound("the owner") { owner.link }
                link.publish(
                    (1...OutboundNumber(rawValue: Int64(PublishingLine.window))).map { task($0, "Bad") }
                        + (1_001...1_020).map { task($0, "Good") }
                )
                try await until("each has an outcome") { outcomes(owner).count == PublishingLine.window + 20 }
                for number in 1_001...1_020 as ClosedRange<OutboundNumber> {
                    switch outcomes(owner)[number] {
                    case .undeliverable(let reason): #expect(reason.contains("could not be sent in time"))
                    // Some may have been sent after all, when those before them were given up a moment earlier.
                    case .confirmed: break
                    case let other: Issue.record("\(number): \(String(describing: other))")
                    }
                }
                let said = lines.all.filter { $0.contains("does not confirm") }
                #expect(said.count == 1 && said[0].contains(stuck.name), "\(said)")
                try await stuck.resume()
            }
        }
    }

    /// Each report held a place of the window for half a minute, and no one was told of the queue.
    @Test("A queue bound to progress alone is known to be silent, and is heard when it confirms again")
    func progress() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let channel = try await test.channel()
            let stuck = try await StuckQueue.make("\(test.hub)-progress", on: channel)
            let witness = try await channel.declareQueue(exclusive: true).name
            for queue in [stuck.name, witness] {
                try await channel.bindQueue(queue, to: test.names.statuses, routingKey: "*.ActivityProgress")
            }
            let (owner, lines) = (RecordingOwner(), LogLines())
            let report = ProgressMessage.make(Payload(json: "1"))
            try await test.running([test.contender(owner, at: endpoint(test), logger: lines.logger)]) {
                let link = try await untilFound("the owner") { owner.link }
                // There is a channel.
                link.publish([Outbound(number: 1, epoch: 1, message: .status(.make(.started)))])
                try await until("the first") { outcomes(owner)[1] == .confirmed }
                link.report(Array(repeating: report, count: 2 * PublishingLine.window))
                try await until("it is known") { lines.all.contains { $0.contains("does not confirm") } }
                // There is another channel.
                link.publish([Outbound(number: 3, epoch: 1, message: .status(.make(.started)))])
                try await until("the one in between") { outcomes(owner)[3] == .confirmed }
                let before = try #require(try await test.depth(witness))
                link.report(Array(repeating: report, count: 2 * PublishingLine.window))
                link.publish([Outbound(number: 2, epoch: 1, message: .status(.make(.completed)))])
                try await until("a status message") { outcomes(owner)[2] == .confirmed }
                try await until("a probe") { try await (test.depth(witness) ?? 0) > before }
                let probes = try #require(try await test.depth(witness)) - before
                // Each few seconds some more are tried.
                #expect(probes <= 4 * LaneLedger.maximumProbes, "of a window of \(PublishingLine.window)")
                try await stuck.resume()
                try await until("it is over") {
                    link.report([report])
                    try await Task.sleep(for: .milliseconds(100))
                    return lines.all.contains { $0.contains("confirms again") }
                }
                #expect(owner.events.count { if case .settled = $0 { true } else { false } } == 3)
            }
            try await channel.deleteQueue(stuck.name)
        }
    }
}
