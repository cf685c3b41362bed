import Foundation
import RepriseClient
import RepriseKernel
import Testing

@Suite("A call goes on trying, and says why when it gives up")
struct SendingTests {
    private static let accepted = #"{"id":"trip-1","statusQueryGetUri":"http://x"}"#

    @Test("A start whose answer was lost is sent again under the same key")
    func sameKey() async throws {
        let gateway = ScriptedGateway([.lost, .status(503, "", ["retry-after": "5"]), .status(202, Self.accepted)])
        let clock = LeapingClock()
        let id = try await gateway.client(clock: clock).start("Trip", 2, id: try InstanceID("trip-1"))
        #expect(id.value == "trip-1")
        #expect(clock.pauses == [.milliseconds(100), .seconds(5)])
        #expect(gateway.asked.map { $0.headers["Idempotency-Key"] } == ["key", "key", "key"])
        #expect(Set(gateway.asked.map(\.url)).count == 1)
        #expect(gateway.asked[0].method == "POST" && gateway.asked[0].body == "2")
        #expect(gateway.asked[0].headers["Content-Type"] == "application/json")
    }

    @Test("All that a start can say stands in its address")
    func options() async throws {
        let gateway = ScriptedGateway([.status(202, Self.accepted)])
        _ = try await gateway.client().start(
            "Trip",
            id: try InstanceID("trip 1"),
            options: StartOptions(
                at: Date(timeIntervalSince1970: 1_700_000_000.123),
                tags: ["b": "2", "a": "ü"],
                version: "2.0",
                ifExists: .use,
                raising: RaisedEvent("Go", ["x": 1]),
                customStatus: ["stage": "queued"]
            )
        )
        let base = "http://gateway:7071/runtime/webhooks/durabletask/orchestrators/Trip/trip%201"
        #expect(
            gateway.asked[0].url
                == "\(base)?version=2.0&startAt=2023-11-14T22%3A13%3A20.123Z&tag=a%3A%C3%BC&tag=b%3A2&ifExists=use"
                + "&customStatus=%7B%22stage%22%3A%22queued%22%7D&raiseEvent=Go"
        )
        #expect(gateway.asked[0].body == #"{"input":null,"event":{"x":1}}"#)
    }

    @Test("What activities say is read beside the status")
    func progress() async throws {
        let body =
            #"{"progress":[{"activity":"Pack","task":3,"attempt":2,"time":"2023-11-14T22:13:20.500Z","#
            + #""value":{"packed":4}},{"ofALaterRelease":1}]}"#
        let gateway = ScriptedGateway([.status(202, body), .status(202, "{}")])
        let client = try gateway.client()
        let progress = try await client.progress(of: try InstanceID("a"))
        #expect(gateway.asked[0].url.hasSuffix("/instances/a?showProgress=true&showInput=false"))
        #expect(progress.map(\.activity) == ["Pack"] && progress[0].task == 3 && progress[0].attempt == 2)
        #expect(progress[0].time == Date(timeIntervalSince1970: 1_700_000_000.5))
        #expect(try progress[0].value(as: [String: Int].self) == ["packed": 4])
        let error = await #expect(throws: RepriseError.self) {
            try await client.progress(of: try InstanceID("a"))
        }
        #expect(error?.code == .unexpectedAnswer, "an earlier release's gateway")
    }

    @Test("When the time is over, the last reason is told")
    func givesUp() async throws {
        let gateway = ScriptedGateway([.lost, .lost, .status(503, "", ["retry-after": "30"])])
        let error = await #expect(throws: RepriseError.self) {
            try await gateway.client(timeout: .seconds(20)).terminate(try InstanceID("trip-1"))
        }
        #expect(error?.code == .unavailable && error?.isRetriable == true && error?.httpStatus == 503)
        #expect(
            error?.message == "The gateway, or the partition of instance 'trip-1', is away (503): try again later"
        )
        #expect(gateway.asked.count == 3)
    }

    @Test(
        "What is refused is not tried again",
        arguments: [
            (404, "", "UnknownInstance", "There is no instance 'trip-1'"),
            (410, "", "Ended", "Instance 'trip-1' has ended"),
            (
                409, #"{"Message":"Instance 'trip-1' is already suspended","ExceptionType":"AlreadySuspended"}"#,
                "AlreadySuspended", "Instance 'trip-1' is already suspended"
            ),
            (400, #"{"Message":"No"}"#, "Invalid", "No"),
            (
                401, "", "Forbidden",
                "Access to instance 'trip-1' was denied (401): pass the credentials in the client's headers"
            ),
            (
                418, "<html>", "UnexpectedAnswer",
                "The answer to a request about instance 'trip-1' was 418, which this client does not understand"
            ),
            (400, #"{"Message":"New","ExceptionType":"OfALaterRelease"}"#, "OfALaterRelease", "New"),
        ]
    )
    func refusals(status: Int, body: String, code: String, message: String) async throws {
        let gateway = ScriptedGateway([.status(status, body)])
        let error = await #expect(throws: RepriseError.self) {
            try await gateway.client().suspend(try InstanceID("trip-1"), reason: "true")
        }
        #expect(error?.code.rawValue == code)
        #expect(error?.message == message)
        #expect(error?.httpStatus == status && error?.isRetriable == false)
        #expect(gateway.asked[0].url.hasSuffix("/instances/trip-1/suspend?reason=%22true%22"))
    }

    @Test("A list goes from page to page, over empty ones, to the page without a token")
    func pages() async throws {
        func page(_ ids: [String], _ token: String) -> Result<GatewayAnswer, TransportFailure> {
            let instances = ids.map {
                #"{"name":"T","instanceId":"\#($0)","runtimeStatus":"Running","createdTime":"2026-11-24T18:30:24Z","lastUpdatedTime":"2026-11-24T18:30:24Z"}"#
            }
            return .status(200, "[\(instances.joined(separator: ","))]", ["x-ms-continuation-token": token])
        }
        let gateway = ScriptedGateway([page(["a", "b"], "t1"), page([], "t2"), page(["c"], "")])
        var ids: [String] = []
        for try await status in try gateway.client().list(
            InstanceFilter(statuses: [.running, .failed], idPrefix: "x/")
        ) {
            ids.append(status.id.value)
        }
        #expect(ids == ["a", "b", "c"])
        #expect(gateway.asked.map { $0.headers["x-ms-continuation-token"] } == [nil, "t1", "t2"])
        #expect(
            gateway.asked[0].url.hasSuffix(
                "/instances?runtimeStatus=Failed%2CRunning&instanceIdPrefix=x%2F&showInput=false&top=100"
            )
        )
    }

    @Test("Purging many gives their number, and none is none")
    func purges() async throws {
        let gateway = ScriptedGateway([.status(200, #"{"instancesDeleted":7}"#), .status(404)])
        let client = try gateway.client()
        #expect(try await client.purge(matching: InstanceFilter(statuses: [.failed])) == 7)
        #expect(try await client.purge(matching: InstanceFilter()) == 0)
        #expect(gateway.asked[0].url.contains("createdTimeFrom=1970-01-01T00%3A00%3A00.000Z"))
    }

    @Test("A purge of many is asked for once: a second try would not count what the first has purged")
    func purgesOnce() async throws {
        for answer in [Result.lost, .status(503), .status(504)] {
            let gateway = ScriptedGateway([answer, .status(200, #"{"instancesDeleted":1}"#)])
            let error = await #expect(throws: RepriseError.self) {
                try await gateway.client().purge(matching: InstanceFilter(), children: true)
            }
            #expect(error?.code == .unavailable && error?.isRetriable == true)
            #expect(gateway.asked.count == 1)
            #expect(gateway.asked[0].url.hasSuffix("&recursive=true"))
        }
    }

    @Test("The key that stands for the empty one in addresses is refused, never taken for it")
    func dollarKey() async throws {
        let gateway = ScriptedGateway([])
        let entity = try EntityID("counter", "$")
        for call in [
            { try await $0.signal(entity, "add", 1) }, { try await $0.delete(entity) },
            { _ = try await $0.state(of: entity, as: Int.self) },
        ] as [@Sendable (RepriseClient) async throws -> Void] {
            let error = await #expect(throws: RepriseError.self) { try await call(try gateway.client()) }
            #expect(error?.code == .invalid)
        }
        #expect(gateway.asked.isEmpty)
    }

    @Test("An answer from something that is not a gateway")
    func noGateway() async throws {
        for answer in [Result.status(200, "<html>"), .status(200, "{}"), .status(200, "[]"), .status(202, "")] {
            let gateway = ScriptedGateway([answer])
            let error = await #expect(throws: RepriseError.self) {
                try await gateway.client().status(of: try InstanceID("trip-1"))
            }
            #expect(error?.code == .unexpectedAnswer)
            #expect(error?.message.contains("Is this the address of a Reprise gateway?") == true)
        }
    }
}
