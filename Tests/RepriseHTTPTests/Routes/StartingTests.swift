import HTTPTypes
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct StartingTests {
    @Test func aStartIsAcceptedWithItsLinks() async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(.post, "~/orchestrators/Hello/my%20id", body: #"{"b": 1,"a":[ ]}"#)
            #expect(reply.status == 202)
            let root = "http://localhost/runtime/webhooks/durabletask/instances/my%20id"
            let hub = "taskHub=demo&connection=RabbitMQ"
            #expect(
                reply.body == """
                    {"id":"my id","statusQueryGetUri":"\(root)?\(hub)",\
                    "sendEventPostUri":"\(root)/raiseEvent/{eventName}?\(hub)",\
                    "terminatePostUri":"\(root)/terminate?reason={text}&\(hub)",\
                    "purgeHistoryDeleteUri":"\(root)?\(hub)","restartPostUri":"\(root)/restart?\(hub)",\
                    "suspendPostUri":"\(root)/suspend?reason={text}&\(hub)",\
                    "resumePostUri":"\(root)/resume?reason={text}&\(hub)"}
                    """
            )
            #expect(reply.headers[.location] == "\(root)?\(hub)")
            #expect(reply.headers[.retryAfter] == "10")
            let sent = gateway.hub.sent
            #expect(sent.count == 1)
            #expect(sent[0].command.instance == .of("my id"))
            #expect(sent[0].command.action == .start(orchestrator: "Hello", input: .json(#"{"b": 1,"a":[ ]}"#)))
            #expect(sent[0].command.isInteractive)
            #expect(sent[0].command.messageID == nil, "its sender draws one")
            #expect(!sent[0].ordered)
        }
    }

    @Test func aStartWithoutAnIDOrABodyGetsAnIDAndNull() async throws {
        try await withGateway { gateway async throws in
            let headers: HTTPFields = [.contentType: "application/octet-stream"]
            let reply = try await gateway.call(.post, "~/orchestrators/Hello/", headers: headers)
            #expect(reply.status == 202)
            let command = gateway.hub.sent[0].command
            #expect(command.instance.value.count == 32)
            #expect(command.action == .start(orchestrator: "Hello", input: .null))
            #expect(reply.body.contains("\"id\":\"\(command.instance)\""))
        }
    }

    @Test func theFailureOptionGoesIntoTheStatusLink() async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(
                .post,
                "~/orchestrators/Hello/a?returnInternalServerErrorOnFailure=true"
            )
            #expect(reply.headers[.location]?.hasSuffix("&returnInternalServerErrorOnFailure=true") == true)
        }
    }

    @Test func aStartReadsItselfAtOnce() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.call(.post, "~/orchestrators/Hello/a", body: "1")
            let reply = try await gateway.call(.get, "~/instances/a")
            #expect(reply.status == 202)
            #expect(reply.body.contains(#""runtimeStatus":"Running","input":1"#))
        }
    }

    /// An id was used again: the model still shows its first life, ended, but who started the second must not read
    /// that.
    @Test func aReusedIDNeverShowsItsFormerLife() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("a"), .completed, incarnation: -5, output: .json(#""old""#)))
            #expect(try await gateway.call(.get, "~/instances/a").status == 200)
            #expect(try await gateway.call(.post, "~/orchestrators/Hello/a").status == 202)
            #expect(try await gateway.call(.get, "~/instances/a").status == 202)
            #expect(try await gateway.call(.get, "~/instances/a").status == 202)
            let second = try #require(gateway.hub.state.withLock { $0.instances[.of("a")] })
            try await gateway.project(second)
            let asked = gateway.hub.state.withLock { $0.asked.count }
            #expect(try await gateway.call(.get, "~/instances/a").status == 202)
            #expect(gateway.hub.state.withLock { $0.asked.count } == asked, "the model knows now")
        }
    }

    @Test func aDuplicateOfARunningInstanceIsAConflictThatShowsIt() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.call(.post, "~/orchestrators/Hello/a", body: "1")
            let reply = try await gateway.call(.post, "~/orchestrators/Hello/a", body: "2")
            #expect(reply.status == 409)
            #expect(reply.message == "An instance 'a' already exists")
            #expect(reply.body.contains(#""name":"Hello","instanceId":"a","runtimeStatus":"Running","input":1,"#))
        }
    }

    @Test func anIdempotencyKeyNamesTheCommandAndTheInstance() async throws {
        try await withGateway { gateway async throws in
            let headers: HTTPFields = [.idempotencyKey: "order-7"]
            _ = try await gateway.call(.post, "~/orchestrators/Hello", headers: headers)
            _ = try await gateway.call(.post, "~/orchestrators/Hello/a", headers: headers)
            let sent = gateway.hub.sent.map(\.command)
            #expect(sent.map(\.messageID) == ["order-7", "order-7"])
            let derived = DerivedIdentity.instanceID(hub: gateway.hub.hub, orchestrator: "Hello", messageID: "order-7")
            #expect(sent.map(\.instance) == [derived, .of("a")])

            for bad in ["", "a b", String(repeating: "k", count: 256)] {
                let reply = try await gateway.call(.post, "~/orchestrators/Hello", headers: [.idempotencyKey: bad])
                #expect(reply.status == 400)
            }
            gateway.hub.state.withLock { $0.refusal = Rejection(.conflictingKey, "another start with this key") }
            #expect(try await gateway.call(.post, "~/orchestrators/Hello", headers: headers).status == 409)
        }
    }

    @Test func whatCannotBeStartedIsSaidSo() async throws {
        try await withGateway { gateway async throws in
            let unknown = try await gateway.call(.post, "~/orchestrators/Nobody")
            #expect(unknown.status == 400)
            #expect(unknown.message == "There is no orchestrator 'Nobody'")

            let before = gateway.hub.sent.count
            let long = String(repeating: "x", count: 257)
            for id in [long, "@entity", "a%2Fb", "a%3Fb", "a%23b", "a%5Cb", "a%00b", "a%0Ab", "%C3"] {
                let reply = try await gateway.call(.post, "~/orchestrators/Hello/\(id)")
                #expect(reply.status == 400, "\(id)")
                #expect(reply.message != nil)
            }
            #expect(try await gateway.call(.post, "~/orchestrators/\(long)").status == 400)
            for body in ["{", "nonsense", "1 2", "{\"a\":}", "\u{FEFF}1", "'a'"] {
                let reply = try await gateway.call(.post, "~/orchestrators/Hello", body: body)
                #expect(reply.status == 400, "\(body)")
                #expect(reply.message == "Invalid JSON content")
            }
            let notUTF8 = try await gateway.call(.post, "~/orchestrators/Hello", bytes: [0x22, 0xFF, 0x22])
            #expect(notUTF8.message == "Invalid JSON content")
            for query in [
                "timeout=1&pollingInterval=2", "timeout=x&pollingInterval=1", "timeout=-1&pollingInterval=-2",
                "timeout=nan&pollingInterval=1",
            ] {
                #expect(try await gateway.call(.post, "~/orchestrators/Hello?\(query)").status == 400, "\(query)")
            }
            #expect(gateway.hub.sent.count == before, "nothing of that reached a partition")
        }
    }

    @Test func idsOf256CharactersPass() async throws {
        try await withGateway { gateway async throws in
            let id = String(repeating: "å", count: 256)
            let escaped = String(repeating: "%C3%A5", count: 256)
            #expect(try await gateway.call(.post, "~/orchestrators/Hello/\(escaped)").status == 202)
            #expect(gateway.hub.sent[0].command.instance == .of(id))
            #expect(try await gateway.call(.get, "~/instances/\(escaped)").status == 202)
        }
    }

    // MARK: Options

    @Test func aStartSaysWhenAndAsWhat() async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(
                .post,
                "~/orchestrators/Hello/a?version=2.1&startAt=2030-01-01T00:00:00Z&tag=city:Tokyo&Tag=time:12:30",
                body: "7"
            )
            #expect(reply.status == 202)
            let request = StartRequest(
                orchestrator: "Hello",
                input: .json("7"),
                version: "2.1",
                tags: ["city": "Tokyo", "time": "12:30"],
                startTime: Timestamp(milliseconds: 1_893_456_000_000)
            )
            #expect(gateway.hub.sent.map(\.command.action) == [.start(request)])
        }
    }

    /// A colon and the modifier behind it are one character to Swift: the tag was not seen to have a value.
    @Test func aTagsValueMayBeginWithAnything() async throws {
        try await withGateway { gateway async throws in
            #expect(try await gateway.call(.post, "~/orchestrators/Hello/a?tag=x:%F0%9F%8F%BB&tag=y:").status == 202)
            guard case .start(let request) = gateway.hub.sent[0].command.action else { return }
            #expect(request.tags == ["x": "\u{1F3FB}", "y": ""])
        }
    }

    @Test func aStartMayUseOrRefuseWhatIsThere() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a"), .completed, output: .json("1")))
            let used = try await gateway.call(.post, "~/orchestrators/Hello/a?ifExists=use")
            #expect(used.status == 202)
            #expect(used.body.hasPrefix(#"{"id":"a","#))
            let refused = try await gateway.call(.post, "~/orchestrators/Hello/a?ifExists=REFUSE")
            #expect(refused.status == 409)
            #expect(refused.body.contains(#""runtimeStatus":"Completed""#))
            #expect(try await gateway.call(.post, "~/orchestrators/Hello/a?ifExists=replace").status == 202)
            #expect(try await gateway.call(.post, "~/orchestrators/Hello/a?ifExists=maybe").status == 400)
        }
    }

    @Test func anEventComesWithItsStart() async throws {
        try await withGateway { gateway async throws in
            let uri = "~/orchestrators/Hello/a?raiseEvent=City"
            let body = #" { "event" : {"a":[1, "}"]} , "input":"x\"," } "#
            #expect(try await gateway.call(.post, uri, body: body).status == 202)
            var request = StartRequest(orchestrator: "Hello", input: .json(#""x\",""#))
            request.event = StartRequest.Event(name: "City", payload: .json(#"{"a":[1, "}"]}"#))
            #expect(gateway.hub.sent.last?.command.action == .start(request))

            #expect(try await gateway.call(.post, uri + "&ifExists=use", body: "{}").status == 202)
            for body in ["1", "[]", "", #"{"inputs":1}"#] {
                #expect(try await gateway.call(.post, uri, body: body).status == 400, "\(body)")
            }
        }
    }

    @Test func badOptionsAreRefusedBeforeAnythingIsSent() async throws {
        try await withGateway { gateway async throws in
            let long = String(repeating: "x", count: 129)
            for query in ["startAt=soon", "tag=x", "version=\(long)", "raiseEvent=%00"] {
                #expect(try await gateway.call(.post, "~/orchestrators/Hello?\(query)").status == 400, "\(query)")
            }
            #expect(gateway.hub.sent.isEmpty)
        }
    }

    @Test func anEventThatComesAlongIsSmall() async throws {
        try await withGateway { gateway async throws in
            func start(_ size: Int) async throws -> Reply {
                let event = "\"" + String(repeating: "x", count: size - 2) + "\""
                let body = #"{"input":1,"event":\#(event)}"#
                return try await gateway.call(.post, "~/orchestrators/Hello?raiseEvent=E", body: body)
            }
            #expect(try await start(65_536).status == 202)
            let reply = try await start(65_537)
            #expect(reply.status == 413)
            #expect(reply.body.contains(#""ExceptionType":"TooLarge""#))
            #expect(gateway.hub.sent.count == 1)
        }
    }

    // MARK: When no one answers

    @Test func aHubThatDoesNotAnswerIs503() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.state.withLock { $0.unavailable = "partition 3 gave no answer in 10 s" }
            for (method, uri) in [
                (HTTPRequest.Method.post, "~/orchestrators/Hello/a"), (.get, "~/instances/a"),
                (.post, "~/instances/a/terminate"), (.delete, "~/instances/a"),
                (.get, "~/instances/a?showHistory=true"),
            ] {
                let reply = try await gateway.call(method, uri)
                #expect(reply.status == 503, "\(method) \(uri)")
                #expect(reply.headers[.retryAfter] == "5")
                #expect(reply.message == "Partition 3 gave no answer in 10 s")
            }
            #expect(try await gateway.call(.get, "~/instances").status == 200, "the model answers for itself")
        }
    }
}
