import Foundation
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

/// Programs with mistakes, under a supervisor: one bad instance harms only itself, and goes on once it is mended.
@Suite(.serialized) struct PoisonTests {
    @Test(.timeLimit(.minutes(4))) func anOrchestratorThatTrapsIsSetAsideAndRewound() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "trap")
        defer { hub.remove() }
        let node = SupervisedNode(hub)
        try await node.whileRunning {
            try await Self.start("Halving", "bad", 1, among: 20, hub)
            let failure = try await Self.failure(of: "bad", hub)
            #expect(failure.type == "OrchestratorTrapped")
            #expect(failure.message.contains("3 times"))
            try await Self.neighborsComplete(20, hub)
        }
        #expect(node.deaths.count == 3)
        #expect(node.deaths.allSatisfy { [128 + SIGILL, 128 + SIGTRAP].contains($0) }, "\(node.deaths)")

        let corrected = SupervisedNode(hub, environment: ["UNRELIABLE_NODE": "corrected"])
        try await corrected.whileRunning {
            try await Self.rewind("bad", hub)
            let status = try await Self.completed("bad", hub)
            #expect(status.output.text == "0")
            #expect(status.customStatus.text == "\"halving\"")
        }
        #expect(corrected.deaths.isEmpty)
    }

    /// E10: each node noted on its own disk that it had died, and none knew of the others.
    @Test(.timeLimit(.minutes(4))) func anOrchestratorThatTrapsEndsFourProcessesInAllOfAHubAtMost() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "epidemic")
        defer { hub.remove() }
        let nodes = ["a", "b", "c"].map { name in
            let data = hub.directory.appending(path: name).path
            return SupervisedNode(
                hub,
                name,
                environment: ["REPRISE_NODE": name, "REPRISE_DATA": data, "REPRISE_LOG": "on"]
            )
        }
        let failure = try await nodes[0].whileRunning {
            try await nodes[1].whileRunning {
                try await nodes[2].whileRunning {
                    try await Self.start("Halving", "bad", 1, among: 20, hub)
                    let failure = try await Self.failure(of: "bad", hub)
                    try await Self.neighborsComplete(20, hub)
                    return failure
                }
            }
        }
        #expect(failure.type == "OrchestratorTrapped")
        #expect((3...4).contains(nodes.flatMap(\.deaths).count), "\(nodes.map(\.deaths))")
    }

    @Test(.timeLimit(.minutes(4))) func aTurnThatNeverEndsIsStoppedAndNamed() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "loop")
        defer { hub.remove() }
        let node = SupervisedNode(hub, environment: ["REPRISE_TURN_TIMEOUT": "1"])
        try await node.whileRunning {
            try await Self.start("Searching", "bad", 1, among: 20, hub)
            let failure = try await Self.failure(of: "bad", hub)
            #expect(failure.type == "OrchestratorTurnTimedOut")
            #expect(failure.message.contains("'bad'") && failure.message.contains("turn timeout of 1"))
            try await Self.neighborsComplete(20, hub)
        }
        #expect(node.deaths == [70, 70, 70])
        let log = try String(contentsOf: node.log, encoding: .utf8)
        let lines = log.split(separator: "\n").filter { $0.contains("has not ended within the turn timeout") }
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.contains("hub=\(hub.name)") && $0.contains("instance=bad") })

        let corrected = SupervisedNode(hub, environment: ["UNRELIABLE_NODE": "corrected", "REPRISE_TURN_TIMEOUT": "1"])
        try await corrected.whileRunning {
            try await Self.rewind("bad", hub)
            #expect(try await Self.completed("bad", hub).output.text == "0")
        }
        #expect(corrected.deaths.isEmpty)
    }

    /// The broker counts how often it has handed the task out, and gives it back as a failure in the end.
    @Test(.timeLimit(.minutes(4))) func aTaskThatKillsItsWorkersFailsWithThatReason() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "deadly")
        defer { hub.remove() }
        let node = SupervisedNode(hub, roles: "orchestrations")
        let worker = SupervisedNode(hub, roles: "activities")
        try await node.whileRunning {
            try await worker.whileRunning {
                try await Self.start("Risking", "deadly", "deadly", among: 3, hub)
                let failure = try await Self.failure(of: "deadly", hub)
                #expect(failure.type == "ActivityFailed")
                #expect(failure.cause?.type == "ActivityWorkerLost")
                #expect(failure.message.contains("its worker died or gave the task back 11 times"))
                try await Self.neighborsComplete(3, hub)
            }
            let corrected = SupervisedNode(hub, roles: "activities", environment: ["UNRELIABLE_NODE": "corrected"])
            try await corrected.whileRunning {
                try await Self.rewind("deadly", hub)
                #expect(try await Self.completed("deadly", hub).output.text == "\"survived\"")
            }
        }
        #expect(node.deaths.isEmpty)
        #expect(worker.deaths == Array(repeating: 128 + SIGKILL, count: 11))
    }

    /// E9: seven tasks in one worker's hands, of which the first kills it. It is given up, and none of the others.
    @Test(.timeLimit(.minutes(4))) func aTaskThatKillsItsWorkersTakesNoneOfItsNeighborsWithIt() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "suspects")
        defer { hub.remove() }
        let innocents = (1...6).map { "innocent-\($0)" }
        let node = SupervisedNode(hub, roles: "orchestrations")
        let worker = SupervisedNode(hub, roles: "activities")
        try await node.whileRunning {
            // All seven wait in one queue before there is a worker.
            try await Self.start("Risking", "deadly", "deadly", among: 0, hub)
            for id in innocents { try await Self.start("Risking", id, "slow", among: 0, hub) }
            try await worker.whileRunning {
                let failure = try await Self.failure(of: "deadly", hub)
                #expect(failure.cause?.type == "ActivityWorkerLost")
                for id in innocents {
                    let status = try await Self.ended(id, hub)
                    #expect(status.runtimeStatus == .completed, "\(id): \(status.failure?.message ?? "")")
                }
            }
        }
        #expect(worker.deaths == Array(repeating: 128 + SIGKILL, count: 11))
    }

    // MARK: Steps

    private static func start(
        _ orchestrator: String,
        _ id: String,
        _ input: some Encodable & Sendable,
        among neighbors: Int,
        _ hub: DeployedHub
    ) async throws {
        let input = Payload(trusted: Array(try JSONEncoder().encode(input)))
        try await until("the node has made the hub", within: .seconds(60)) {
            (try? await hub.withClient { _ in }) != nil
        }
        try await hub.withClient { client in
            for number in 0..<neighbors {
                _ = try await client.startPatiently(
                    "Neighbor",
                    id: "neighbor-\(number)",
                    input: Payload(trusted: Array("64".utf8))
                )
            }
            _ = try await client.startPatiently(orchestrator, id: id, input: input)
        }
    }

    private static func status(of id: String, _ hub: DeployedHub) async throws -> InstanceStatus? {
        try? await hub.withClient { client in try await client.status(of: try InstanceID(id))?.status }
    }

    private static func failure(of id: String, _ hub: DeployedHub) async throws -> Failure {
        var failure: Failure?
        try await until("\(id) fails", within: .seconds(90)) {
            failure = try await status(of: id, hub)?.failure
            return failure != nil
        }
        return try #require(failure)
    }

    private static func ended(_ id: String, _ hub: DeployedHub) async throws -> InstanceStatus {
        var found: InstanceStatus?
        try await until("\(id) ends", within: .seconds(90)) {
            found = try await status(of: id, hub)
            return found?.runtimeStatus.isEnded ?? false
        }
        return try #require(found)
    }

    private static func completed(_ id: String, _ hub: DeployedHub) async throws -> InstanceStatus {
        var found: InstanceStatus?
        try await until("\(id) completes", within: .seconds(60)) {
            found = try await status(of: id, hub)
            return found?.runtimeStatus == .completed
        }
        return try #require(found)
    }

    private static func neighborsComplete(_ count: Int, _ hub: DeployedHub) async throws {
        for number in 0..<count { _ = try await completed("neighbor-\(number)", hub) }
    }

    /// By the command line, as an operator does.
    private static func rewind(_ id: String, _ hub: DeployedHub) async throws {
        let log = hub.directory.appending(path: "rewind.log")
        try await until("\(id) is rewound", within: .seconds(60)) {
            let command = try await RunningProgram.launch(
                "reprise",
                ["rewind", id, "--reason", "the code is corrected"],
                environment: hub.environment,
                log: log
            )
            return await command.end() == 0
        }
    }
}
