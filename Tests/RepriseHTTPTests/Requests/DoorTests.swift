import HTTPTypes
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseHTTP

/// What is refused, or read, before a route looks at it.
@Suite struct DoorTests {
    /// A misspelled filter was ignored, and a purge deleted what it should have spared.
    @Test(arguments: [
        (HTTPRequest.Method.delete, "~/instances?createdTimeFrom=2000-01-01&runtimestatuses=Failed"),
        (.delete, "~/instances?createdTimeFrom=2000-01-01&instanceIdPrefx=a"),
        (.delete, "~/instances/a?recursiv=true"),
        (.get, "~/instances?nme=Hello"), (.get, "~/entities?lastOperationTimeForm=2000-01-01"),
        (.post, "~/orchestrators/Hello?timeuot=10&pollingInterval=1"), (.post, "~/instances/a/restart?newInstance=b"),
        (.get, "~/instances/a?showHistroy=true"), (.get, "~/instances/a/statuses?form=1"),
        (.get, "~/instances/a/tree?deep=1"),
        (.post, "~/instances/a/terminate?reasn=x"), (.post, "~/instances/a/suspend?recursive=true"),
        (.post, "~/instances/a/raiseEvent/go?data=1"), (.post, "~/entities/counter/a?operation=add"),
        (.delete, "/indexes?pth=a"),
        (.get, "/counts?groupsby=name"), (.get, "/status-stream?fliter=runtimeStatus==Failed"),
    ])
    func anUnknownParameterIsRefused(_ method: HTTPRequest.Method, _ uri: String) async throws {
        try await withGateway { gateway in
            try await gateway.settle(.sample(.of("a"), .completed))
            let reply = try await gateway.call(method, uri)
            #expect(reply.status == 400)
            #expect(reply.message?.contains("There is no parameter") == true)
            #expect(gateway.hub.sent.isEmpty)
        }
    }

    /// 404 and 410 came without a body: with curl one saw nothing at all.
    @Test func anErrorSaysWhy() async throws {
        try await withGateway { gateway in
            try await gateway.settle(.sample(.of("ended"), .completed))
            for (method, uri, message) in [
                (HTTPRequest.Method.get, "~/instances/nobody", "There is no instance 'nobody'"),
                (.get, "~/instances/nobody/statuses", "There is no instance 'nobody'"),
                (.get, "~/instances/nobody/tree", "There is no instance 'nobody'"),
                (.get, "~/entities/counter/a", "There is no entity 'counter' with the key 'a'"),
                (
                    .put, "~/instances/a",
                    "There is no PUT /runtime/webhooks/durabletask/instances/a here; /openapi.json lists what there is"
                ),
                (.get, "/instances", "There is no GET /instances here; /openapi.json lists what there is"),
                (.get, "/assets/none.js", "The page has no such file"),
                (.delete, "/indexes?path=customStatus.none", "No index of 'customStatus.none' was added"),
                (
                    .delete, "~/instances?createdTimeFrom=2999-01-01",
                    "There is no ended instance that matches the filter"
                ),
            ] {
                let reply = try await gateway.call(method, uri)
                #expect(reply.status == 404, "\(method) \(uri)")
                #expect(reply.message == message, "\(method) \(uri)")
            }
        }
    }

    @Test func parametersOfTheReferencesClientsAreKnown() async throws {
        try await withGateway { gateway in
            try await gateway.settle(.sample(.of("a"), .completed))
            for uri in [
                "~/instances?taskHub=demo&connection=Storage&code=x&showInput=false&top=5",
                "~/entities?code=x&fetchState=true",
            ] {
                #expect(try await gateway.call(.get, uri).status == 200)
            }
        }
    }

    /// HEAD was 405, with a body that the client took for the beginning of the next answer.
    @Test(arguments: ["/health", "~/instances", "/"]) func headIsGetWithoutItsBody(_ uri: String) async throws {
        try await withGateway { gateway in
            let connection = try await RawConnection(port: gateway.port)
            let path = uri.hasPrefix("~") ? TestGateway.base + uri.dropFirst() : uri
            try await connection.send("HEAD \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let text = try await connection.received()
            #expect(text.hasPrefix("HTTP/1.1 200"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func headOfWhatIsRefusedHasNoBody() async throws {
        try await withGateway { gateway in
            let connection = try await RawConnection(port: gateway.port)
            try await connection.send(
                "HEAD /counts?groupBy=- HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            )
            let text = try await connection.received()
            #expect(text.hasPrefix("HTTP/1.1 400"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }

    /// Who would take either was sent a stream, which never ends.
    @Test(arguments: [
        ("application/json, text/event-stream", false), ("text/event-stream", true), ("Text/Event-Stream", true),
        ("text/event-stream, application/json", true), ("*/*, text/event-stream", false),
        ("text/event-stream;q=0.5, application/json", false), ("application/json;q=0.2, text/event-stream;q=0.9", true),
        ("text/event-stream;q=0", false), ("application/json", false), ("text/event-streams", false),
    ])
    func aStreamIsForWhoPrefersIt(_ accept: String, isStream: Bool) {
        #expect(AcceptedTypes([accept]).prefersEvents == isStream)
    }
}
