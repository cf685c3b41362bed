import HTTPTypes
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct EntityTests {
    private func entity(_ name: String, _ key: String, _ state: String, created: Int64 = 1000) throws -> InstanceStatus
    {
        .sample(try EntityID(name, key).instance, name: name.lowercased(), customStatus: .json(state), created: created)
    }

    // MARK: Reading

    @Test func aStateIsReadAsItIs() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(entity("counter", "a b", #"{"n": 1}"#))
            gateway.hub.put(try entity("counter", "", "2"))
            let reply = try await gateway.call(.get, "~/entities/Counter/a%20b")
            #expect(reply.status == 200)
            #expect(reply.body == #"{"n": 1}"#)
            #expect(try await gateway.call(.get, "~/entities/counter/$").body == "2", "the model may not know it yet")
        }
    }

    @Test func whoHasNoStateIsNot() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(entity("counter", "locked", "null"))
            for path in ["counter/nobody", "counter/locked", "lamp/a", "@x/a", "counter/a%2Fb"] {
                #expect(try await gateway.call(.get, "~/entities/\(path)").problemStatus == 404, "\(path)")
            }
            #expect(try await gateway.call(.get, "~/instances/@counter@locked").problemStatus == 404)
        }
    }

    @Test func entitiesAreListedApartFromInstances() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(entity("counter", "a", "1", created: 1000))
            try await gateway.settle(entity("counter", "b", "2", created: 2000))
            try await gateway.settle(entity("lamp", "", "true", created: 3000))
            try await gateway.settle(.sample(.of("i")))
            let all = try await gateway.call(.get, "~/entities/")
            #expect(
                all.body == """
                    [{"entityId":{"name":"counter","key":"a"},"lastOperationTime":"1970-01-01T00:00:01.000Z","state":null},\
                    {"entityId":{"name":"counter","key":"b"},"lastOperationTime":"1970-01-01T00:00:02.000Z","state":null},\
                    {"entityId":{"name":"lamp","key":""},"lastOperationTime":"1970-01-01T00:00:03.000Z","state":null}]
                    """
            )
            #expect(all.headers[.continuationToken] == "")
            let first = try await gateway.call(.get, "~/entities/Counter?fetchState=true&top=1")
            #expect(first.body.contains(#""key":"a"},"lastOperationTime":"1970-01-01T00:00:01.000Z","state":1}]"#))
            let token = try #require(first.headers[.continuationToken])
            let second = try await gateway.call(.get, "~/entities/Counter", headers: [.continuationToken: token])
            #expect(second.body.contains(#""key":"b""#))
            #expect(second.headers[.continuationToken] == "")
            let range = "lastOperationTimeFrom=1970-01-01T00:00:02Z&lastOperationTimeTo=1970-01-01T00:00:02Z"
            #expect(try await gateway.call(.get, "~/entities?\(range)").body.contains(#""key":"b""#))
            #expect(try await gateway.call(.get, "~/entities/nobody").body == "[]")
            #expect(try await gateway.call(.get, "~/entities?lastOperationTimeFrom=x").status == 400)
            #expect(try await gateway.call(.get, "~/instances").body.split(separator: "instanceId").count == 2)
        }
    }

    // MARK: Signals

    @Test func aSignalIsAccepted() async throws {
        try await withGateway { gateway async throws in
            let json: HTTPFields = [.contentType: "application/json"]
            let uri = "~/entities/Counter/a?op=add"
            #expect(try await gateway.call(.post, uri, headers: json, body: " 5").emptyStatus == 202)
            #expect(try await gateway.call(.get, "~/entities/counter/a").body == " 5")
            #expect(try await gateway.call(.post, "~/entities/counter/a?op=say", body: "plain").emptyStatus == 202)
            #expect(try await gateway.call(.post, "~/entities/counter").emptyStatus == 202)
            #expect(try await gateway.call(.post, "~/entities/counter/a?signalAt=2030-01-01").emptyStatus == 202)
            let sent = gateway.hub.sent.map(\.command)
            #expect(sent.map(\.instance.value) == ["@counter@a", "@counter@a", "@counter@", "@counter@a"])
            #expect(
                sent.map(\.action) == [
                    .operate(EntityRequest(.operation(name: "add", input: .json(" 5")))),
                    .operate(EntityRequest(.operation(name: "say", input: .json(#""plain""#)))),
                    .operate(EntityRequest(.operation(name: "", input: .null))),
                    .operate(
                        EntityRequest(
                            .operation(name: "", input: .null),
                            due: Timestamp(milliseconds: 1_893_456_000_000)
                        )
                    ),
                ]
            )
        }
    }

    @Test func badSignalsAreRefused() async throws {
        try await withGateway { gateway async throws in
            let json: HTTPFields = [.contentType: "application/json"]
            let broken = try await gateway.call(.post, "~/entities/counter/a", headers: json, body: "{")
            #expect(broken.status == 400)
            #expect(broken.message?.hasPrefix("Could not parse JSON content: ") == true)
            let notText = try await gateway.call(.post, "~/entities/counter/a", bytes: [0xFF])
            #expect(notText.status == 400)
            for key in ["a%2Fb", "a%5Cb", "a%23b", "a%3Fb", "a%00b"] {
                for method in [HTTPRequest.Method.post, .delete] {
                    #expect(try await gateway.call(method, "~/entities/counter/\(key)").status == 400, "\(key)")
                }
            }
            #expect(try await gateway.call(.post, "~/entities/counter/a?signalAt=soon").status == 400)
            #expect(gateway.hub.sent.isEmpty)
            let unknown = try await gateway.call(.post, "~/entities/lamp/a")
            #expect(unknown.status == 400)
            #expect(unknown.message == "There is no entity '@lamp@a'")
        }
    }

    @Test func aDeletionIsASignal() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(entity("counter", "a", "1"))
            #expect(try await gateway.call(.delete, "~/entities/counter/a").emptyStatus == 202)
            #expect(
                gateway.hub.sent.map(\.command.action)
                    == [.operate(EntityRequest(.operation(name: "delete", input: .null)))]
            )
            #expect(try await gateway.call(.get, "~/entities/counter/a").problemStatus == 404, "who deletes reads that")
        }
    }
}
