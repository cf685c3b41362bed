import HTTPTypes
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseHTTP

/// One anonymous GET with `lastEventId=9223372036854775807.0.0.0` ended the gateway: somewhere one was added to a number
/// that a stranger had written. Whatever number stands wherever one is read, the gateway answers and lives.
@Suite struct NumberTests {
    private static let extremes = [
        "0", "-0", "1", "-1", "+1", "9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775806",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "1e308", "1e999", "-1e999", "nan", "inf", "0x7fffffffffffffff", "1.9223372036854775807",
        "9223372036854775807.1", "9223372036854775807.0.0.0", "0.0.0.9223372036854775807",
        "9007199254740992.9007199254740992.9007199254740992.9007199254740992", "999999999-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z", "0000-01-01T00:00:00Z",
    ]
    private static let parameters = [
        "after", "at", "minVersion", "lastEventId", "top", "depth", "timeout", "pollingInterval", "runtimeStatus",
        "createdTimeFrom", "createdTimeTo", "lastOperationTimeFrom", "lastOperationTimeTo",
    ]
    private static let conditions = [
        "filter=age>", "filter=version%3D", "filter=input.x>", "filter=input.x[", "until=age>",
    ]
    private static func headers(_ number: String) -> [(HTTPField.Name, String)] {
        [
            (.lastEventID, number), (.continuationToken, number),
            (.ifNoneMatch, "\"\(number)\""), (.ifNoneMatch, "\"\(number).\(number)\""),
            // Below nothing: a preference that could be read would be waited for.
            (.prefer, "wait=-\(number)"), (.prefer, "wait=99999999999999999999"),
        ]
    }
    private static let routes: [(HTTPRequest.Method, String)] = [
        (.get, "~/instances"), (.get, "~/instances/a"), (.get, "~/instances/a/statuses"), (.get, "~/instances/a/tree"),
        (.get, "~/entities"), (.get, "~/entities/counter/a"), (.get, "/counts"), (.get, "/overview"),
        (.get, "/status-stream"), (.get, "/indexes"), (.delete, "~/instances/none"),
    ]

    @Test func anyNumberIsAnswered() async throws {
        try await withGateway { gateway in
            try await gateway.settle(.sample(.of("a"), .running, customStatus: .json(#"{"x":1}"#)))
            for (method, route) in Self.routes {
                for number in Self.extremes {
                    let value = number.replacing("+", with: "%2B")
                    let queries = Self.parameters.map { "\($0)=\(value)" } + Self.conditions.map { "\($0)\(value)" }
                    for query in queries { try await answer(gateway, method, "\(route)?\(query)") }
                    for (name, text) in Self.headers(number) {
                        try await answer(gateway, method, route, headers: [name: text])
                    }
                }
            }
            #expect(try await gateway.call(.get, "/health").status == 200)
        }
    }

    @Test func anyLastEventIsAnswered() async throws {
        try await withGateway { gateway in
            try await gateway.settle(.sample(.of("a"), .running))
            for route in ["~/instances/a", "/status-stream"] {
                for number in Self.extremes {
                    let accept: HTTPFields = [.accept: "text/event-stream"]
                    let value = number.replacing("+", with: "%2B")
                    try await answer(gateway, .get, "\(route)?lastEventId=\(value)", headers: accept)
                    let both: HTTPFields = [.accept: "text/event-stream", .lastEventID: number]
                    try await answer(gateway, .get, route, headers: both)
                }
            }
            #expect(try await gateway.call(.get, "/health").status == 200)
        }
    }

    private func answer(
        _ gateway: TestGateway,
        _ method: HTTPRequest.Method,
        _ uri: String,
        headers: HTTPFields = [:]
    ) async throws {
        let path = uri.hasPrefix("~") ? TestGateway.base + uri.dropFirst() : uri
        let status = try await HTTPExchange.status(
            from: gateway.port,
            to: HTTPRequest(method: method, scheme: "http", authority: "h", path: path, headerFields: headers)
        )

        #expect((200..<500).contains(status), "\(method) \(uri) \(headers)")
    }

    @Test func aVersionBeyondAllIsRefused() async throws {
        try await withGateway { gateway in
            try await gateway.settle(.sample(.of("a"), .running))
            let most = "9223372036854775807"
            for uri in [
                "/status-stream?lastEventId=\(most).0.0.0", "~/instances/a/statuses?after=\(most)",
                "~/instances/a/statuses?after=1.\(most)", "~/instances/a/statuses?at=\(most)",
                "~/instances/a?minVersion=\(most)",
            ] {
                let reply = try await gateway.call(.get, uri)
                #expect(reply.status == 400, "\(uri)")
            }
            let accept: HTTPFields = [.accept: "text/event-stream"]
            let stream = try await gateway.call(.get, "~/instances/a?lastEventId=\(most)", headers: accept)
            #expect(stream.status == 400)
        }
    }
}
