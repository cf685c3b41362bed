import HTTPTypes
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct RestartTests {
    @Test func aRestartIsHandedItsNewLinks() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a"), .completed, input: .json("7")))
            let reply = try await gateway.call(.post, "~/instances/a/restart")
            #expect(reply.status == 202)
            #expect(reply.headers[.retryAfter] == "10")
            let newID = gateway.hub.sent[0].command.instance
            #expect(newID.value.count == 32)
            #expect(reply.body.hasPrefix(#"{"id":"\#(newID)","#))
            #expect(try await gateway.call(.get, "~/instances/\(newID)").body.contains(#""input":7"#))

            let own = try await gateway.call(.post, "~/instances/a/restart?newInstanceId=b%201")
            #expect(own.body.hasPrefix(#"{"id":"b 1","#))
            #expect(gateway.hub.sent.last?.command.instance == .of("b 1"))
            #expect(try await gateway.call(.post, "~/instances/a/restart?newInstanceId=a%2Fb").status == 400)

            let same = try await gateway.call(.post, "~/instances/a/restart?restartWithNewInstanceId=False")
            #expect(same.body.hasPrefix(#"{"id":"a","#))
            #expect(gateway.hub.sent.last?.command.action == .restart(as: nil))
            #expect(try await gateway.call(.get, "~/instances/a").status == 202)
        }
    }

    @Test func aRestartWithAKeyIsOneRestart() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a"), .completed))
            let headers: HTTPFields = [.idempotencyKey: "again-1"]
            let first = try await gateway.call(.post, "~/instances/a/restart", headers: headers)
            let second = try await gateway.call(.post, "~/instances/a/restart", headers: headers)
            #expect(first.body == second.body)
            #expect(gateway.hub.sent.map(\.command.messageID) == ["again-1", "again-1"])
        }
    }

    /// 202 and the links of someone else's instance were the answer; one that had ended was replaced.
    @Test(arguments: [RuntimeStatus.running, .completed])
    func aRestartUnderATakenIDIsRefused(status: RuntimeStatus) async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a"), .completed, input: .json("7")))
            gateway.hub.put(.sample(.of("b"), name: "Other", status))
            let reply = try await gateway.call(.post, "~/instances/a/restart?newInstanceId=b")
            #expect(reply.status == 409)
            #expect(reply.body.contains(#""ExceptionType":"AlreadyExists""#))
            #expect(reply.body.contains(#""name":"Other""#))
            #expect(gateway.hub.state.withLock { $0.instances[.of("b")]?.name } == "Other")
        }
    }

    @Test func aRestartUnderAnIDOfOnesOwnMayBeRepeated() async throws {
        try await withGateway { gateway async throws in
            var traits = InstanceTraits(version: "2.1", tags: ["city": "Tokyo"])
            traits.parent = .of("p")
            var former = InstanceStatus.sample(.of("a"), .completed, input: .json("7"))
            former.traits = traits
            gateway.hub.put(former)
            for _ in 0..<2 {
                let headers: HTTPFields = [.idempotencyKey: "k"]
                let reply = try await gateway.call(.post, "~/instances/a/restart?newInstanceId=b", headers: headers)
                #expect(reply.status == 202)
            }
            let request = StartRequest(
                orchestrator: "Hello",
                input: .json("7"),
                version: "2.1",
                tags: ["city": "Tokyo"],
                existing: .refuse
            )
            #expect(gateway.hub.sent.map(\.command.action) == [.start(request), .start(request)])
        }
    }

    @Test func whatCannotBeRestartedIsSaidSo() async throws {
        try await withGateway { gateway async throws in
            for id in ["nobody", "@x"] {
                let reply = try await gateway.call(.post, "~/instances/\(id)/restart")
                #expect(reply.status == 400)
                #expect(reply.message == "InstanceId does not match a valid orchestration instance.")
            }
            gateway.hub.put(.sample(.of("busy")))
            let busy = try await gateway.call(.post, "~/instances/busy/restart?restartWithNewInstanceId=false")
            #expect(busy.status == 409)
            #expect(busy.body.contains(#""runtimeStatus":"Running""#))
            let query = "timeout=1&pollingInterval=2"
            #expect(try await gateway.call(.post, "~/instances/busy/restart?\(query)").status == 400)
        }
    }
}
