import HTTPTypes
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct TreeRouteTests {
    @Test func aFamilyInOneAnswer() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("a"), customStatus: .json("[1]"), created: 1000))
            var child = InstanceStatus.sample(.of("b"), name: "Child", .completed, created: 2000)
            child.traits.parent = .of("a")
            try await gateway.settle(child)
            let one =
                #"{"instanceId":"a","name":"Hello","runtimeStatus":"Running","customStatus":[1],"#
                + #""createdTime":"1970-01-01T00:00:01.000Z","lastUpdatedTime":"1970-01-01T00:00:04.000Z","children":["#
            let reply = try await gateway.call(.get, "~/instances/a/tree")
            #expect(reply.status == 200)
            #expect(
                reply.body == one
                    + #"{"instanceId":"b","name":"Child","runtimeStatus":"Completed","customStatus":null,"#
                    + #""createdTime":"1970-01-01T00:00:02.000Z","lastUpdatedTime":"1970-01-01T00:00:05.000Z","#
                    + #""children":[]}],"isTruncated":false}"#
            )
            #expect(try await gateway.call(.get, "~/instances/a/tree?depth=0").body == one + #"],"isTruncated":true}"#)
            #expect(try await gateway.call(.get, "~/instances/nobody/tree").status == 404)
            for query in ["depth=33", "depth=-1", "top=0", "top=1001", "top=x", "top=", "depth"] {
                #expect(try await gateway.call(.get, "~/instances/a/tree?\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test func progressIsShownToWhoAsks() async throws {
        try await withGateway { gateway async throws in
            let id = InstanceID.of("a")
            try await gateway.settle(.sample(id))
            try await gateway.model.note([
                ProgressMessage(
                    instance: id,
                    name: "Hello",
                    incarnation: 1,
                    partition: PartitionNumber(of: id, count: 4),
                    epoch: 1,
                    activity: "Pack",
                    task: TaskID(3),
                    attempt: 2,
                    time: Timestamp(milliseconds: 1_500),
                    value: .json(#"{"packed": 4}"#)
                )
            ])
            let plain = try await gateway.call(.get, "~/instances/a")
            #expect(!plain.body.contains("progress"))
            let tag = try #require(plain.headers[.eTag])
            let reply = try await gateway.call(.get, "~/instances/a?showProgress=true", headers: [.ifNoneMatch: tag])
            #expect(reply.status == 202, "progress has no version that could be unchanged")
            #expect(reply.headers[.eTag] == nil)
            #expect(
                reply.body.hasSuffix(
                    #","progress":[{"activity":"Pack","task":3,"attempt":2,"time":"1970-01-01T00:00:01.500Z","#
                        + #""value":{"packed": 4}}]}"#
                )
            )
        }
    }

    @Test func whatAnInstanceWaitsForComesWithItsHistory() async throws {
        try await withGateway { gateway async throws in
            var status = InstanceStatus.sample(.of("a"))
            status.waitingFor = ["Approval"]
            gateway.hub.put(status)
            let reply = try await gateway.call(.get, "~/instances/a?showHistory=true")
            #expect(reply.body.hasSuffix(#""historyEvents":[],"waitingFor":["Approval"]}"#))
            status.unreadEvents = [UnreadEvent(name: "Aproval", time: Timestamp(milliseconds: 1_700_000_000_123))]
            gateway.hub.put(status)
            #expect(
                try await gateway.call(.get, "~/instances/a?showHistory=true").body.hasSuffix(
                    #""waitingFor":["Approval"],"unreadEvents":[{"name":"Aproval","time":"2023-11-14T22:13:20.123Z"}]}"#
                )
            )
            #expect(try await !gateway.call(.get, "~/instances/a").body.contains("Approval"))
        }
    }

    @Test func aListSaysWhatItsRunningInstancesWaitFor() async throws {
        try await withGateway { gateway async throws in
            var waiting = InstanceStatus.sample(.of("a"), .running)
            waiting.waitingFor = ["Approval"]
            try await gateway.settle(waiting)
            try await gateway.settle(.sample(.of("b"), .completed))
            let plain = try await gateway.call(.get, "~/instances")
            #expect(!plain.body.contains("waitingFor"), "no partition is asked")
            let asked = gateway.hub.state.withLock(\.asked.count)
            let reply = try await gateway.call(.get, "~/instances?showWaitingFor=true")
            #expect(reply.body.contains(#""instanceId":"a","runtimeStatus":"Running""#))
            #expect(reply.body.contains(#","waitingFor":["Approval"]},{"#))
            #expect(gateway.hub.state.withLock(\.asked.count) == asked + 1, "what has ended waits for nothing")
            gateway.hub.state.withLock { $0.unavailable = "no answer" }
            #expect(try await gateway.call(.get, "~/instances?showWaitingFor=true").status == 200)
        }
    }

    @Test func whatCanBeStartedIsListedWithItsSchemas() async throws {
        try await withGateway { gateway async throws in
            #expect(try await gateway.call(.get, "/orchestrators").status == 503)
            var view = ClusterView(partitionCount: 2)
            let typed = OrchestratorAnnouncement(
                name: "Typed",
                inputSchema: .json(#"{"type":"string"}"#),
                statusSchema: .json(#"{"type":"integer"}"#),
                events: [
                    EventAnnouncement(name: "Go", schema: .json(#"{"type":"boolean"}"#)),
                    EventAnnouncement(name: "Stop"),
                ]
            )
            for (name, at, orchestrators) in [
                ("a", 9, [OrchestratorAnnouncement(name: "Plain")]),
                ("b", 9, [typed, OrchestratorAnnouncement(name: "Plain")]),
                ("gone", -60, [OrchestratorAnnouncement(name: "Old")]),
            ] {
                view.hear(
                    NodeAnnouncement(
                        id: NodeID(rawValue: name),
                        name: name,
                        heartbeat: .seconds(5),
                        isLeaving: false,
                        partitions: [],
                        orchestrators: orchestrators
                    ),
                    at: .seconds(at)
                )
            }
            gateway.hub.view.withLock { $0 = view }
            #expect(
                try await gateway.call(.get, "/orchestrators").body == #"{"hub":"demo","orchestrators":["#
                    + #"{"name":"Plain","inputSchema":null,"statusSchema":null,"events":[],"nodes":["a","b"]},"#
                    + #"{"name":"Typed","inputSchema":{"type":"string"},"statusSchema":{"type":"integer"},"events":[{"name":"Go","schema":"#
                    + #"{"type":"boolean"}},{"name":"Stop","schema":null}],"nodes":["b"]}]}"#
            )
        }
    }

    @Test func aStartBringsItsFirstStatus() async throws {
        try await withGateway { gateway async throws in
            for (text, status) in [("%7B%22a%22%3A1%7D", #"{"a":1}"#), ("queued", #""queued""#)] {
                let uri = "~/orchestrators/Hello?customStatus=\(text)"
                #expect(try await gateway.call(.post, uri, body: "1").status == 202)
                var request = StartRequest(orchestrator: "Hello", input: .json("1"))
                request.customStatus = .json(status)
                #expect(gateway.hub.sent.last?.command.action == .start(request))
            }
        }
    }
}
