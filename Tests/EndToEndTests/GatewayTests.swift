import Foundation
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

/// HTTP in front of a real node and a real broker.
@Suite(.serialized) struct GatewayTests {
    private static let rounds = 10

    /// Starts come in over HTTP while the gateway is killed with -9 and started again, ten times over.
    @Test(.timeLimit(.minutes(6))) func aKilledGatewayLosesNothing() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "kill-gateway")
        defer { hub.remove() }
        let node = try await hub.node()
        let port = try LoopbackListener.freePort()
        let http = HTTPClient(port: port)
        var gateway = try await hub.gateway(port: port)
        for round in 0..<Self.rounds {
            gateway = try await hub.withClient { [gateway] client in
                let prefix = "round-\(round)"
                let before = hub.observer.messageCount
                async let started: Void = Self.start(prefix, http)
                try await until("the work of round \(round) is under way", within: .seconds(60)) {
                    hub.observer.messageCount - before >= 1 + round * 80
                }
                await gateway.kill()
                let successor = try await hub.gateway(port: port)
                try await started
                try await Hello.check(prefix, hub, client)
                try await Self.checkModel(prefix, http)
                return successor
            }
        }
        await gateway.stop()
        await node.stop()
    }

    /// As a careful client does: the same id and key again until it is answered.
    private static func start(_ prefix: String, _ http: HTTPClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<Hello.count {
                group.addTask {
                    let id = "\(prefix)-\(number)"
                    try await until("\(id) is accepted", within: .seconds(60)) {
                        let response = try? await http.send(
                            "POST",
                            "/orchestrators/E1_HelloSequence/\(id)",
                            headers: ["Idempotency-Key": id]
                        )
                        guard let response, response.status < 500 else { return false }
                        #expect(response.status == 202, "\(id): \(response.status) \(response.text)")
                        return true
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The read model comes to hold what is true, whatever it missed.
    private static func checkModel(_ prefix: String, _ http: HTTPClient) async throws {
        for number in 0..<Hello.count {
            let id = "\(prefix)-\(number)"
            try await until("the model has \(id) completed", within: .seconds(30)) {
                let response = try await http.send("GET", "/instances/\(id)")
                #expect(response.status == 200 || response.status == 202, "\(id): \(response.status)")
                return response.status == 200 && response.json?["runtimeStatus"] as? String == "Completed"
                    && response.json?["customStatus"] as? String == "London"
            }
        }
    }

    @Test(.timeLimit(.minutes(3))) func theDoorsAnswerBadInputAndGoOn() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "doors")
        defer { hub.remove() }
        let node = try await hub.node()
        let port = try LoopbackListener.freePort()
        let http = HTTPClient(port: port)
        let gateway = try await hub.gateway(port: port)
        let start = "/orchestrators/E1_HelloSequence"
        func json(_ bytes: Int) -> Data { Data("\"\(String(repeating: "a", count: bytes - 2))\"".utf8) }

        for (path, body, status) in [
            ("\(start)", Data("{".utf8), 400),
            ("\(start)", Data([0x22, 0xFF, 0x22]), 400),
            ("/orchestrators/Nobody", Data(), 400),
            ("\(start)/\(String(repeating: "x", count: 257))", Data(), 400),
            ("\(start)/@entity@1", Data(), 400),
            ("\(start)/a%3Fb", Data(), 400),
            ("\(start)/a%0Ab", Data(), 400),
            ("\(start)/\(String(repeating: "x", count: 256))", Data(), 202),
            ("\(start)/largest", json(1_048_576), 202),
            ("\(start)/too-large", json(1_048_577), 413),
            ("/instances/nobody/raiseEvent/E", Data("1".utf8), 404),
            ("/instances/nobody/terminate", Data(), 404),
        ] {
            let response = try await http.send("POST", path, body: body, headers: ["Content-Type": "application/json"])
            #expect(response.status == status, "\(path.prefix(60)): \(response.status) \(response.text.prefix(200))")
            #expect(response.isEmptyOrJSON, "\(path.prefix(60))")
        }
        let text = try await http.send(
            "POST",
            "/instances/largest/raiseEvent/E",
            body: Data("1".utf8),
            headers: ["Content-Type": "text/plain"]
        )
        #expect([400, 410].contains(text.status))
        #expect(try await http.send("GET", "/instances/nobody").status == 404)
        #expect(try await http.send("PUT", "/instances/nobody").status == 404)

        // Read at once: never a 404.
        for number in 0..<50 {
            #expect(try await http.send("POST", "\(start)/at-once-\(number)").status == 202)
            let status = try await http.send("GET", "/instances/at-once-\(number)").status
            #expect(status == 202 || status == 200)
        }
        await gateway.stop()
        await node.stop()
    }

    @Test(.timeLimit(.minutes(2))) func aTicketIsReservedAsItsClientsExpect() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "ticket")
        defer { hub.remove() }
        let node = try await hub.node()
        let port = try LoopbackListener.freePort()
        let http = HTTPClient(port: port)
        let gateway = try await hub.gateway(port: port)
        // Existing clients encode twice: a number and a boolean inside a string.
        let started = try await http.send("POST", "/orchestrators/ReserveTicket/t1", body: Data(#""42""#.utf8))
        #expect(started.status == 202)
        #expect(started.headers["retry-after"] == "10")
        try await until("the offer is shown", within: .seconds(60)) {
            let status = try await http.send("GET", "/instances/t1").json?["customStatus"] as? [String: Any]
            return status?["discountTimeout"] as? Int == 60
        }
        let raised = try await http.send(
            "POST",
            "/instances/t1/raiseEvent/bookingconfirmed",
            body: Data(#""true""#.utf8),
            headers: ["Content-Type": "application/json"]
        )
        #expect(raised.status == 202)
        try await until("the booking is confirmed", within: .seconds(60)) {
            try await http.send("GET", "/instances/t1").status == 200
        }
        let ended = try await http.send("GET", "/instances/t1?showHistory=true&showHistoryOutput=true")
        #expect(ended.json?["output"] as? Bool == true)
        #expect(
            (ended.json?["customStatus"] as? [String: Any])?["message"] as? String
                == "Thank you for confirming your booking."
        )
        #expect((ended.json?["historyEvents"] as? [Any])?.isEmpty == false)
        let late = try await http.send(
            "POST",
            "/instances/t1/raiseEvent/x",
            body: Data("1".utf8),
            headers: ["Content-Type": "application/json"]
        )
        #expect(late.status == 410)
        #expect(try await http.send("DELETE", "/instances/t1").json?["instancesDeleted"] as? Int == 1)
        #expect(try await http.send("GET", "/instances/t1").status == 404)
        await gateway.stop()
        await node.stop()
    }
}
