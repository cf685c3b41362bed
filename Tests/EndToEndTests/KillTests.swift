import Foundation
import RepriseBroker
import RepriseKernel
import RepriseTestSupport
import Testing

/// Two hundred orchestrations run; in the middle something is killed with -9 and started again. Ten times each.
@Suite(.serialized) struct KillTests {
    private static let rounds = 10

    @Test(.timeLimit(.minutes(6))) func aKilledNodeLosesNothing() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "kill-node")
        defer { hub.remove() }
        let worker = try await hub.node(roles: "activities")
        var node = try await hub.node(roles: "orchestrations")
        for round in 0..<Self.rounds {
            node = try await strike(hub, round) { [node] in
                await node.kill()
                return try await hub.node(roles: "orchestrations")
            }
        }
        await node.stop()
        await worker.stop()
    }

    @Test(.timeLimit(.minutes(6))) func aKilledWorkerLosesNothing() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "kill-worker")
        defer { hub.remove() }
        let node = try await hub.node(roles: "orchestrations")
        var worker = try await hub.node(roles: "activities")
        for round in 0..<Self.rounds {
            worker = try await strike(hub, round) { [worker] in
                await worker.kill()
                return try await hub.node(roles: "activities")
            }
        }
        await worker.stop()
        await node.stop()
    }

    @Test(.timeLimit(.minutes(10))) func aKilledBrokerLosesNothing() async throws {
        let broker = try BrokerScript.own("kill")
        let hub = try DeployedHub(url: try await broker.start(), label: "kill-broker")
        defer { hub.remove() }
        let node = try await hub.node()
        for round in 0..<Self.rounds {
            _ = try await strike(hub, round) {
                try await broker.kill()
                try await broker.start()
                return node
            }
        }
        await node.stop()
        try await broker.wipe()
    }

    /// One round: start, wait until some have come some way, strike, and check that nothing is missing.
    private func strike(
        _ hub: DeployedHub,
        _ round: Int,
        _ blow: @Sendable @escaping () async throws -> RunningProgram
    ) async throws -> RunningProgram {
        try await hub.withClient { client in
            let prefix = "round-\(round)"
            let before = hub.observer.messageCount
            async let started: Void = Hello.start(prefix, client)
            // A different moment each time, from the first message to well past the middle.
            let moment = 1 + round * Hello.count * 5 / 12
            try await until("the work of round \(round) is under way", within: .seconds(60)) {
                hub.observer.messageCount - before >= moment
            }
            let survivor = try await blow()
            try await started
            #expect(hub.observer.messageCount - before <= Hello.count * 5, "more versions than there can be")
            try await Hello.check(prefix, hub, client)
            return survivor
        }
    }
}

extension BrokerScript {
    /// kill -9, and all that it had on its disk is gone; then it is started again at the same address.
    func forget() async throws {
        try await kill()
        try FileManager.default.removeItem(at: directory.appending(path: "mnesia"))
        try await start()
    }
}
