import HTTPTypes
import RepriseEngine
import RepriseKernel
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct DeadLetterTests {
    private func letter(_ id: String, body: String? = #"{"a":1}"#) -> StoredDeadLetter {
        var letter = StoredDeadLetter(
            id: id,
            reason: "there is no orchestrator 'Nope'",
            code: "UnknownOrchestrator",
            time: Timestamp(milliseconds: 1000)
        )
        (letter.exchange, letter.routingKey) = ("reprise.demo", "start.Nope")
        letter.size = body?.utf8.count ?? 2_000_000
        letter.isKept = body != nil
        letter.headers = [StoredDeadLetter.Header("reprise-name", "Nope")]
        letter.body = body.map { Array($0.utf8) }
        letter.instance = "order-1"
        return letter
    }

    private static let summary =
        #"{"id":"demo.0.1","reason":"there is no orchestrator 'Nope'","code":"UnknownOrchestrator","#
        + #""time":"1970-01-01T00:00:01.000Z","exchange":"reprise.demo","routingKey":"start.Nope","type":null,"#
        + #""messageId":null,"correlationId":null,"instanceId":"order-1","size":7,"isKept":true"#

    @Test func theyAreListedByPages() async throws {
        try await withGateway { gateway async throws in
            #expect(try await gateway.call(.get, "/dead-letters").body == #"{"total":0,"letters":[]}"#)
            gateway.hub.letters.put((1...3).map { letter("demo.0.\($0)") })
            let first = try await gateway.call(.get, "/dead-letters?top=1")
            #expect(first.body == #"{"total":3,"letters":["# + Self.summary + "}]}")
            #expect(first.headers[.cacheControl] == "no-store")
            let rest = try await gateway.call(.get, "/dead-letters?skip=1&top=200")
            #expect(rest.body.contains(#""id":"demo.0.2""#) && rest.body.contains(#""id":"demo.0.3""#))
            #expect(!rest.body.contains(#""id":"demo.0.1""#))
            #expect(try await gateway.call(.get, "/overview").body.contains(#""deadLetters":"#))
            for query in ["skip=-1", "skip=1001", "top=0", "top=201", "top=x", "skip=", "top", "offset=1"] {
                #expect(try await gateway.call(.get, "/dead-letters?\(query)").problemStatus == 400, "\(query)")
            }
        }
    }

    @Test func oneIsShownWithTheBeginningOfItsBody() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.letters.put([
                letter("demo.0.1"), letter("a/b", body: String(repeating: "ä", count: 40_000)),
                letter("big", body: nil),
            ])
            let whole = try await gateway.call(.get, "/dead-letters/demo.0.1")
            #expect(
                whole.body == Self.summary + #","contentType":null,"appId":null,"headers":{"reprise-name":"Nope"},"#
                    + #""body":"{\"a\":1}","isTruncated":false}"#
            )
            let long = try await gateway.call(.get, "/dead-letters/a%2Fb")
            #expect(long.body.contains(#""size":80000"#) && long.body.contains(#""isTruncated":true"#))
            #expect(long.body.utf8.count < 70_000)
            let unkept = try await gateway.call(.get, "/dead-letters/big")
            #expect(unkept.body.contains(#""isKept":false"#) && unkept.body.contains(#""body":null"#))
            let missing = try await gateway.call(.get, "/dead-letters/nope")
            #expect(missing.status == 404)
            #expect(missing.message == "There is no dead letter 'nope' in hub 'demo'")
        }
    }

    @Test func oneIsSentAgainAnotherDropped() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.letters.put([letter("demo.0.1"), letter("b"), letter("big", body: nil)])
            let retried = try await gateway.call(.post, "/dead-letters/demo.0.1/retry")
            #expect(retried.status == 200)
            #expect(retried.body == Self.summary + "}")
            #expect(gateway.hub.letters.state.withLock { $0.retried } == ["demo.0.1"])
            #expect(try await gateway.call(.post, "/dead-letters/demo.0.1/retry").problemStatus == 404)
            #expect(try await gateway.call(.post, "/dead-letters/big/retry").problemStatus == 409)
            #expect(try await gateway.call(.delete, "/dead-letters/b").emptyStatus == 204)
            #expect(try await gateway.call(.delete, "/dead-letters/b").problemStatus == 404)
            #expect(gateway.hub.letters.state.withLock { $0.letters.map(\.id) } == ["big"])
        }
    }

    @Test func aBrokerThatDoesNotAnswerIsSaid() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.letters.state.withLock { $0.failure = DeadLetterError.unavailable("the broker is away") }
            let reply = try await gateway.call(.get, "/dead-letters")
            #expect(reply.status == 503)
            #expect(reply.headers[.retryAfter] == "5")
            #expect(reply.message == "The broker is away")
            #expect(try await gateway.call(.get, "/overview").body.contains(#""deadLetters":null"#))
        }
    }

    @Test func onlyAFewLookAtOnce() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.letters.state.withLock { $0.silence = .milliseconds(500) }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<12 { group.addTask { try await gateway.call(.get, "/dead-letters").status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } >= 4)
            #expect(statuses.contains(503))
            #expect(try await gateway.call(.get, "/dead-letters").status == 200)
        }
    }
}
