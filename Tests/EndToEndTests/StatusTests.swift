import Foundation
import RepriseKernel
import RepriseTestSupport
import Testing

/// What an instance and its activities say, from the code of a real node to a reader of the gateway.
@Suite(.serialized) struct StatusTests {
    @Test(.timeLimit(.minutes(3))) func whatIsSaidIsSeen() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "say")
        defer { hub.remove() }
        let node = SupervisedNode(hub)
        try await node.whileRunning {
            try await until("the node has made the hub", within: .seconds(60)) {
                (try? await hub.withClient { _ in }) != nil
            }
            let port = try LoopbackListener.freePort()
            let http = HTTPClient(port: port)
            let gateway = try await hub.gateway(port: port)
            try await hub.withClient { _ in
                try await until("the start is accepted", within: .seconds(60)) {
                    let path = "/orchestrators/Patience/p?customStatus=%22queued%22"
                    return try await http.send("POST", path, body: Data("0".utf8), headers: ["Idempotency-Key": "p"])
                        .status == 202
                }
                try await until("its first word was heard before its code's", within: .seconds(60)) {
                    let said = hub.observer.instances("p").values.first?.statuses ?? [:]
                    return said[2]?.text == #""queued""# && said[3]?.text == #"{"waits":true}"#
                }
                try await until("the activity's progress is shown", within: .seconds(60)) {
                    let shown = try await http.send("GET", "/instances/p?showProgress=true").json?["progress"]
                    guard let progress = (shown as? [[String: Any]])?.first else { return false }
                    return (progress["value"] as? [String: Any])?["begun"] as? Bool == true
                        && progress["activity"] as? String == "Endless" && progress["attempt"] as? Int == 1
                }
                let tree = try await http.send("GET", "/instances/p/tree")
                #expect(tree.json?["runtimeStatus"] as? String == "Running", "\(tree.text)")
                try await until("the node has said what it can run", within: .seconds(60)) {
                    let known = try await http.send("GET", "/orchestrators", base: "")
                    return known.text.contains(
                        #"{"name":"Patience","inputSchema":{"type":"integer"},"statusSchema":{"properties":{"waits":{"type":"boolean"}},"#
                            + #""required":["waits"],"type":"object"},"events":[],"nodes":["#
                    )
                }
                #expect(try await http.send("POST", "/instances/p/terminate").status == 202)
                try await until("with the instance its progress is over", within: .seconds(60)) {
                    let status = try await http.send("GET", "/instances/p?showProgress=true")
                    return status.status == 200 && status.text.contains(#""progress":[]"#)
                }
            }
            await gateway.stop()
        }
        #expect(node.deaths.isEmpty)
    }
}
