import Foundation
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

/// Activities over a real broker: many at once, none for longer than it may, and HTTP as one of them.
@Suite(.serialized) struct ActivityTests {
    /// A thousand at once are quick; a hundred thousand are refused by name, and their neighbor does not notice.
    @Test(.timeLimit(.minutes(4))) func aThousandActivitiesRunSideBySide() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "fan-out")
        defer { hub.remove() }
        let node = try await hub.node()
        try await hub.withClient { client in
            let clock = ContinuousClock()
            let took = try await clock.measure {
                _ = try await client.startPatiently("FanOut", id: "wide", input: Payload(trusted: Array("1000".utf8)))
                try await until("a thousand are done", within: .seconds(120)) {
                    hub.observer.instances("wide").values.first?.end != nil
                }
            }
            let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
            print("fan-out: 1000 activities in \(took): \(Int(1_000 / seconds)) activities/s")
            let wide = try #require(hub.observer.instances("wide").values.first?.end)
            #expect(wide.payload.text == "1000")

            _ = try await client.startPatiently("FanOut", id: "far", input: Payload(trusted: Array("100000".utf8)))
            _ = try await client.startPatiently("FanOut", id: "near", input: Payload(trusted: Array("10".utf8)))
            try await until("the other two have ended", within: .seconds(60)) {
                hub.observer.instances("far").values.first?.end != nil
                    && hub.observer.instances("near").values.first?.end != nil
            }
            let far = try #require(hub.observer.instances("far").values.first?.end)
            #expect(far.failure?.type == "TooManyDecisions")
            #expect(
                far.failure?.message.contains("100000 decisions, the limit is 10000") == true,
                "\(far.payload.text)"
            )
            #expect(hub.observer.instances("near").values.first?.end?.payload.text == "10")
        }
        await node.stop()
    }

    @Test(.timeLimit(.minutes(3))) func terminationAndTimeoutsReachWhatRuns() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "cancel")
        defer { hub.remove() }
        let node = SupervisedNode(hub)
        let data = hub.directory.appending(path: "node")
        @Sendable func exists(_ name: String) -> Bool {
            FileManager.default.fileExists(atPath: data.appending(path: name).path)
        }
        try await node.whileRunning {
            try await until("the node has made the hub", within: .seconds(60)) {
                (try? await hub.withClient { _ in }) != nil
            }
            try await hub.withClient { client in
                _ = try await client.startPatiently("Patience", id: "ended", input: Payload(trusted: Array("0".utf8)))
                try await until("the activity has begun", within: .seconds(60)) { exists("ended.begun") }
                let command = Command(
                    instance: try InstanceID("ended"),
                    action: .terminate(reason: .null),
                    messageID: "stop"
                )
                #expect(try await client.send(command, ordered: true) == .accepted(try InstanceID("ended")))
                try await until("it is canceled", within: .seconds(60)) { exists("ended.canceled") }

                _ = try await client.startPatiently("Patience", id: "slow", input: Payload(trusted: Array("1".utf8)))
                try await until("the other was canceled for its timeout", within: .seconds(60)) {
                    exists("slow.canceled")
                }
                try await until("its orchestrator hears why", within: .seconds(60)) {
                    hub.observer.instances("slow").values.first?.end?.payload.text == "\"StartToCloseTimeout\""
                }
            }
        }
        #expect(node.deaths.isEmpty)
    }

    /// Two nodes that do everything. The one whose worker scans a book is killed, or frozen and thawed again once the other
    /// is done: no page before the last report is scanned a second time.
    @Test(.timeLimit(.minutes(3)), arguments: [SIGKILL, SIGSTOP])
    func whoeverIsLostAtWorkIsFollowedWhereItWas(_ signal: Int32) async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "scan")
        defer { hub.remove() }
        var nodes: [RunningProgram] = []
        for name in ["east", "west"] {
            let data = hub.directory.appending(path: name)
            let node = try await RunningProgram.start(
                "unreliable-node",
                environment: hub.environment.merging(["REPRISE_DATA": data.path]) { $1 },
                log: hub.directory.appending(path: "\(name).log"),
                ready: "node ready"
            )
            nodes.append(node)
        }
        let file = hub.directory.appending(path: "record")
        try Data().write(to: file)
        @Sendable func record() throws -> [(process: Int32, page: Int)] {
            try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
                let words = line.split(separator: " ").compactMap { Int32($0) }
                return (words[0], Int(words[1]))
            }
        }
        try await hub.withClient { [nodes] client in
            _ = try await client.startPatiently("Scanning", id: "scan", input: .string(file.path))
            try await until("eight pages are done", within: .seconds(60)) { try record().count >= 8 }
            let lost = try #require(nodes.first { $0.processID == (try? record().last?.process) })
            kill(lost.processID, signal)
            let done = try record().filter { $0.process == lost.processID }.map(\.page)
            try await until("the other has done the rest", within: .seconds(90)) {
                hub.observer.instances("scan").values.first?.end?.payload.text == "30"
            }
            let rest = try record().filter { $0.process != lost.processID }.map(\.page)
            print("lost at page \(done.last ?? 0), followed from page \(rest.first ?? 0)")
            // A report may be three pages old: a second in its partition, and what was on its way.
            #expect(try #require(rest.first) > (done.last ?? 0) - 3 && rest.last == 30)
            #expect(rest == rest.sorted() && Set(rest).count == rest.count, "it is done once")
            kill(lost.processID, SIGCONT)
        }
        for node in nodes where node.isRunning { await node.stop() }
        let kinds = hub.observer.instances("scan").values.first?.ends
        #expect(kinds?.count == 1, "whatever the frozen one answered: \(kinds ?? [])")
    }

    /// The gateway is the service: a start is answered with 202 and an address, which is asked until the instance ends.
    @Test(.timeLimit(.minutes(3))) func aCallOverHTTPFollowsWhatTakesTime() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "call-http")
        defer { hub.remove() }
        let node = try await hub.node()
        let port = try LoopbackListener.freePort()
        let gateway = try await hub.gateway(port: port)
        try await hub.withClient { client in
            let base = "http://127.0.0.1:\(port)/runtime/webhooks/durabletask"
            let calls = [
                "followed": #"{"method":"POST","url":"\#(base)/orchestrators/E1_HelloSequence/called""#
                    + #","headers":{},"timeoutSeconds":10,"pollsWhenAccepted":true,"retriedStatusCodes":[]}"#,
                "refused": #"{"method":"GET","url":"\#(base)/instances/nobody""#
                    + #","headers":{},"timeoutSeconds":10,"pollsWhenAccepted":true,"retriedStatusCodes":[404]}"#,
            ]
            for (id, input) in calls {
                _ = try await client.startPatiently("CallService", id: id, input: Payload(trusted: Array(input.utf8)))
            }
            try await until("both calls are over", within: .seconds(90)) {
                calls.keys.allSatisfy { hub.observer.instances($0).values.first?.end != nil }
            }
            let followed = try #require(hub.observer.instances("followed").values.first?.end)
            #expect(followed.kind == .completed)
            #expect(followed.payload.text.contains(#""statusCode":200"#))
            #expect(followed.payload.text.contains("Hello London!"))
            let refused = try #require(hub.observer.instances("refused").values.first?.end)
            #expect(refused.failure?.cause?.type == "HTTPStatus404")
            #expect(refused.failure?.message.contains("(3 attempts)") == true)
        }
        await gateway.stop()
        await node.stop()
    }
}
