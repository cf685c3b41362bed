import Foundation
import RabbitMQ
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

/// What remains when a disk lies, or the broker has lost everything: whatever survives elsewhere.
@Suite(.serialized) struct LossTests {
    @Test(.timeLimit(.minutes(4))) func aDamagedJournalIsRebuiltFromTheLog() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "damage")
        defer { hub.remove() }
        let nodes = NodeGroup(hub: hub, heartbeat: 5)
        let worker = try await hub.node(roles: "activities")
        try await nodes.start("a")
        try await hub.withClient { client in
            try await Hello.start("before", client)
            try await Hello.check("before", hub, client)
            try await nodes.stop("a")
            for partition in 0..<client.partitionCount {
                let file = nodes.directory("a").appending(path: "partition-\(partition).sqlite")
                var bytes = try Data(contentsOf: file)
                for index in stride(from: 4096 + 512, to: bytes.count, by: 4096) { bytes[index] ^= 0x40 }
                bytes[100] ^= 0xFF
                try bytes.write(to: file)
            }
            try await nodes.start("a")
            try await Hello.check("before", hub, client)
            try await Hello.start("after", client)
            try await Hello.check("after", hub, client)
        }
        let log = try nodes.log("a")
        #expect(log.contains("damaged") && log.contains("is rebuilt from"), "it is said: \(log)")
        let names = try FileManager.default.contentsOfDirectory(atPath: nodes.directory("a").path)
        #expect(names.contains { $0.contains(".damaged-") }, "what was damaged is kept for people: \(names)")
        await nodes.killAll()
        await worker.stop()
    }

    @Test(.timeLimit(.minutes(5))) func aWipedBrokerIsSeededFromTheJournals() async throws {
        let broker = try BrokerScript.own("wipe")
        let hub = try DeployedHub(url: try await broker.start(), label: "wiped")
        defer { hub.remove() }
        let nodes = NodeGroup(hub: hub, heartbeat: 2)
        let worker = try await hub.node(roles: "activities")
        for name in ["a", "b"] { try await nodes.start(name) }
        try await hub.withClient { client in
            try await nodes.untilShared(client)
            try await Hello.start("before", client)
            try await Hello.check("before", hub, client)
            try await broker.forget()
            try await until("every instance is known to the hub again", within: .seconds(90)) {
                (try? await Hello.completed("before", client)) == Hello.count
            }
            try await Hello.start("after", client)
            try await until("new ones complete", within: .seconds(90)) {
                (try? await Hello.completed("after", client)) == Hello.count
            }
            // A node that comes with an empty disk begins nothing again.
            try await nodes.kill("b")
            try FileManager.default.removeItem(at: nodes.directory("b"))
            try await nodes.start("b")
            try await nodes.untilShared(client)
            #expect(try await Hello.completed("before", client) == Hello.count)
        }
        let words = try nodes.log("a") + nodes.log("b")
        #expect(words.contains("wiped"), "it is said loudly")
        await nodes.killAll()
        await worker.kill()
        try await broker.wipe()
    }

    /// What was started before the wipe, and whose tasks no one had taken, waited forever afterwards.
    @Test(.timeLimit(.minutes(5))) func whatABrokerHadBeforeTheWipeIsSentAgain() async throws {
        let broker = try BrokerScript.own("resent")
        let hub = try DeployedHub(url: try await broker.start(), label: "resent")
        defer { hub.remove() }
        let nodes = NodeGroup(hub: hub, heartbeat: 2)
        try await nodes.start("a")
        try await hub.withClient { client in
            try await Hello.start("before", client)
            try await broker.forget()
            let worker = try await hub.node(roles: "activities")
            try await until("all complete that the broker had forgotten", within: .seconds(90)) {
                (try? await Hello.completed("before", client)) == Hello.count
            }
            await worker.stop()
        }
        await nodes.killAll()
        try await broker.wipe()
    }

    /// A queue that people have purged: one command, and each task is done once.
    @Test(.timeLimit(.minutes(4))) func whatAPurgedQueueHadIsSentAgainOnDemand() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "purged")
        defer { hub.remove() }
        let nodes = NodeGroup(hub: hub, heartbeat: 5)
        try await nodes.start("a")
        let queue = "reprise.\(hub.name).activity.E1_SayHello"
        try await hub.withClient { client in
            try await Hello.start("lost", client)
            try await until("all tasks lie in their queue", within: .seconds(60)) {
                // The broker closes the channel when asked for a queue that does not exist yet.
                let count = try? await hub.withBroker { try await $0.declareQueue(queue, passive: true).messageCount }
                return count == Hello.count
            }
            #expect(try await hub.withBroker { try await $0.purgeQueue(queue) } == Hello.count)
            let doctor = try await hub.command("doctor")
            #expect(doctor.contains("and its queue is empty: no one works on them"), "\(doctor)")
            let worker = try await hub.node(roles: "activities")
            try await Task.sleep(for: .seconds(1))
            #expect(try await Hello.completed("lost", client) == 0, "nobody knows of them")
            let words = try await hub.command("resend")
            print(words)
            try await Hello.check("lost", hub, client)
            await worker.stop()
        }
        await nodes.killAll()
    }

    /// The operator who says `reprise resend` has a broken hub: half of it sent again is better than nothing.
    @Test(.timeLimit(.minutes(3))) func aPartitionThatDoesNotAnswerStopsNoOther() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "half")
        defer { hub.remove() }
        // So long that a frozen owner stays the owner.
        let crew = NodeGroup(hub: hub, heartbeat: 30)
        for name in ["a", "b"] { try await crew.start(name) }
        try await hub.withClient { client in
            try await crew.untilShared(client)
            crew.freeze("b")
            let words = try await hub.command("resend")
            let lines = words.split(separator: "\n")
            #expect(
                lines.count { $0.contains(": sent 0 messages of 0 instances again") } == client.partitionCount / 2,
                "\(words)"
            )
            let silent = words.matches(of: /--partition (\d+)/).map { String($0.output.1) }
            #expect(
                silent.count == client.partitionCount / 2 && words.contains("ask again: reprise resend "),
                "\(words)"
            )
            crew.thaw("b")
            for number in silent {
                let word = try await hub.command("resend", "--partition", number)
                #expect(word.hasSuffix("partition \(number): sent 0 messages of 0 instances again\n"), "\(word)")
            }
            #expect(
                try await hub.command("resend", "--partition", "99").contains("there is no partition 99: the hub has")
            )
        }
        await crew.killAll()
    }
}

extension DeployedHub {
    /// What `reprise` says, whether it is content or not.
    fileprivate func command(_ words: String...) async throws -> String {
        let log = directory.appending(path: "\(words[0]).log")
        try await RunningProgram.launch("reprise", words, environment: environment, log: log).end()
        return try String(contentsOf: log, encoding: .utf8)
    }

    fileprivate func withBroker(_ work: (RabbitMQChannel) async throws -> Int) async throws -> Int {
        let connection = try await RabbitMQConnection.open(try RabbitMQConnectionConfiguration(url: url))
        let count: Int
        do {
            count = try await work(try await connection.openChannel())
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        return count
    }
}
