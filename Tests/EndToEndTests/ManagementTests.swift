import Foundation
import RepriseClient
import RepriseKernel
import RepriseTestSupport
import Testing

/// What operators order while the node is killed with -9 again and again: each order is carried out, and once.
@Suite(.serialized) struct ManagementTests {
    private static let count = 30

    /// The node that is killed; the others live on.
    private actor Victim {
        private let hub: DeployedHub
        private var node: RunningProgram
        private(set) var deaths = 0

        init(_ hub: DeployedHub) async throws {
            self.hub = hub
            node = try await hub.node(roles: "orchestrations")
        }

        func strike() async throws {
            await node.kill()
            deaths += 1
            node = try await hub.node(roles: "orchestrations")
        }

        func stop() async { await node.stop() }
    }

    @Test(.timeLimit(.minutes(6))) func ordersOutliveTheNode() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "manage")
        defer { hub.remove() }
        let worker = try await hub.node(roles: "activities")
        let victim = try await Victim(hub)
        let port = try LoopbackListener.freePort()
        let gateway = try await hub.gateway(port: port)
        let client = try RepriseClient("http://127.0.0.1:\(port)", hub: hub.name.value)
        let http = HTTPClient(port: port)
        let rounds = try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    // It has taken its partitions again, however slow the machine, and has had a moment for them.
                    try await until("the partitions answer", within: .seconds(60)) { try await isThere(http) }
                    try await Task.sleep(for: .milliseconds(Int.random(in: 500...2_500)))
                    try await victim.strike()
                }
                return 0
            }
            group.addTask {
                var round = 0
                while await victim.deaths < 4, round < 12 {
                    round += 1
                    try await operate(round, client, http)
                }
                return round
            }
            defer { group.cancelAll() }
            return try await group.next() ?? 0
        }
        let deaths = await victim.deaths
        print(
            "management: \(rounds * Self.count) instances each started once, rewound, restarted and purged over "
                + "\(deaths) kills of the node"
        )
        #expect(deaths >= 4)
        await victim.stop()
        await gateway.stop()
        await worker.stop()
    }

    private func operate(_ round: Int, _ client: RepriseClient, _ http: HTTPClient) async throws {
        let orders = try (0..<Self.count).map { try InstanceID("order-\(round)-\($0)") }
        // Two at once for each: one is the first.
        try await forAll(orders) { id in
            async let one = isStarted(id, client)
            async let other = isStarted(id, client)
            let started = try await [one, other]
            #expect(started.count { $0 } == 1, "\(id): \(started)")
        }
        // The bank is closed whenever it is asked for the first time.
        try await forAll(orders) { id in
            try await until("\(id) has failed", within: .seconds(90)) {
                try await client.status(of: id).runtimeStatus == .failed
            }
            try await client.rewind(id)
            #expect(try await client.result(of: id, as: String.self, timeout: .seconds(90)) == "Hello \(id)! Paid.")
            let history = try await http.send("GET", "/instances/\(id)?showHistory=true").text
            #expect(history.split(separator: #""FunctionName":"E1_SayHello""#).count == 2, "\(id) greeted once")
            #expect(history.split(separator: #""EventType":"SubOrchestrationInstanceCompleted""#).count == 2, "\(id)")
        }
        try await forAll(orders) { id in
            let again = try InstanceID("again-\(id)")
            #expect(try await client.restart(id, newID: again) == again)
            let refusal = await #expect(throws: RepriseError.self) { try await client.restart(id, newID: again) }
            #expect(refusal?.code == .alreadyExists)
            #expect(try await client.status(of: again).input(as: String.self) == id.value)
        }
        try await forAll(orders) { id in try await client.purge(id, children: true) }
        try await until("the orders and their children are gone", within: .seconds(90)) {
            try await client.count(InstanceFilter(idPrefix: "order-\(round)-")).total == 0
        }
    }

    /// Every partition says that it knows no such instance.
    private func isThere(_ http: HTTPClient) async throws -> Bool {
        for number in 0..<12 {
            guard try await http.send("GET", "/instances/nobody-\(number)").status == 404 else { return false }
        }
        return true
    }

    private func isStarted(_ id: InstanceID, _ client: RepriseClient) async throws -> Bool {
        do {
            _ = try await client.start("PlaceOrder", id.value, id: id, options: StartOptions(ifExists: .refuse))
            return true
        } catch let error as RepriseError where error.code == .alreadyExists {
            return false
        }
    }

    private func forAll(_ ids: [InstanceID], _ body: @Sendable @escaping (InstanceID) async throws -> Void) async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ids { group.addTask { try await body(id) } }
            try await group.waitForAll()
        }
    }
}
