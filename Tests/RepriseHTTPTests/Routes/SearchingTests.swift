import HTTPTypes
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Testing

@testable import RepriseHTTP

@Suite struct SearchingTests {
    private func fill(_ gateway: TestGateway) async throws {
        let stages = [
            "a": #"{"stage": "paid", "cities": ["Tokyo"]}"#, "b": #"{"stage": "shipped", "cities": ["Oslo", "Tokyo"]}"#,
            "c": #"{"stage": "paid"}"#, "d": "null",
        ]
        for (id, stage) in stages { try await gateway.settle(.sample(.of(id), customStatus: .json(stage))) }
    }

    private func ids(_ reply: Reply) -> [String] {
        reply.body.split(separator: #""instanceId":""#).dropFirst().map { String($0.prefix { $0 != "\"" }) }
    }

    @Test func aListIsNarrowedByAnyPathOfTheStatus() async throws {
        try await withGateway { gateway async throws in
            try await fill(gateway)
            let cities = "~/instances?filter=customStatus.cities%20has%20%22Tokyo%22+and+runtimeStatus+==+Running"
            let reply = try await gateway.call(.get, cities)
            #expect(reply.status == 200)
            #expect(ids(reply) == ["a", "b"])
            let paid = try await gateway.call(
                .get,
                "~/instances?filter=not+customStatus.stage=='paid'&instanceIdPrefix=b"
            )
            #expect(ids(paid) == ["b"])
            #expect(try await ids(gateway.call(.get, "~/instances?filter=")).count == 4)
        }
    }

    @Test func aListHasAnOrder_PageByPage() async throws {
        try await withGateway { gateway async throws in
            try await fill(gateway)
            let path = "~/instances?orderBy=customStatus.stage+desc&top=3"
            let first = try await gateway.call(.get, path)
            #expect(ids(first) == ["b", "c", "a"])
            let token = try #require(first.headers[.continuationToken])
            let last = try await gateway.call(.get, path, headers: [.continuationToken: token])
            #expect(ids(last) == ["d"])
            #expect(last.headers[.continuationToken] == "")
            let other = try await gateway.call(.get, "~/instances", headers: [.continuationToken: token])
            #expect(other.status == 400)
            #expect(
                other.message == "The continuation token belongs to a list in the order of 'customStatus.stage desc'"
            )
        }
    }

    @Test func countsByStage() async throws {
        try await withGateway { gateway async throws in
            try await fill(gateway)
            let reply = try await gateway.call(.get, "/counts?groupBy=customStatus.stage")
            #expect(reply.status == 200)
            #expect(
                reply.body == """
                    {"total":4,"groups":[{"value":"paid","count":2},{"value":null,"isMissing":true,"count":1},\
                    {"value":"shipped","count":1}],"isTruncated":false}
                    """
            )
            #expect(
                try await gateway.call(.get, "/counts?filter=customStatus.stage=='paid'").body
                    == #"{"total":2,"groups":[],"isTruncated":false}"#
            )
            #expect(try await gateway.call(.post, "/counts").status == 405)
        }
    }

    @Test func indexesComeAndGo() async throws {
        try await withGateway { gateway async throws in
            try await fill(gateway)
            let body = #"{"path": "customStatus.stage"}"#
            let added = try await gateway.call(.post, "/indexes", body: body)
            #expect(added.status == 201)
            #expect(added.body == #"{"path":"customStatus.stage","isBuiltIn":false}"#)
            #expect(try await gateway.call(.post, "/indexes", body: body).status == 200)
            #expect(
                try await gateway.call(.get, "/indexes").body == """
                    {"indexes":[{"path":"createdTime","isBuiltIn":true},{"path":"instanceId","isBuiltIn":true},\
                    {"path":"lastUpdatedTime","isBuiltIn":true},\
                    {"path":"parentInstanceId","isBuiltIn":true},{"path":"runtimeStatus","isBuiltIn":true},\
                    {"path":"customStatus.stage","isBuiltIn":false}]}
                    """
            )
            #expect(ids(try await gateway.call(.get, "~/instances?filter=customStatus.stage=='paid'")) == ["a", "c"])
            #expect(try await gateway.call(.delete, "/indexes?path=customStatus.stage").status == 204)
            #expect(try await gateway.call(.delete, "/indexes?path=customStatus.stage").problemStatus == 404)
            #expect(try await gateway.call(.post, "/indexes", body: #"{"path": "age"}"#).status == 409)
            for body in ["", "[]", "{}", #"{"path": 1}"#, #"{"path": "x"}"#, #"{"path": "name", "more": 1}"#, "{"] {
                #expect(try await gateway.call(.post, "/indexes", body: body).status == 400, "\(body)")
            }
            #expect(try await gateway.call(.delete, "/indexes").status == 400)
        }
    }

    @Test(arguments: [
        ("filter=stage==1", "filter cannot be read: at character 1: there is no field 'stage'"),
        ("filter=name==", "filter cannot be read: at character 7: expected text in quotes, found the end"),
        ("filter=name=='a'&filter=name=='b'", "There may be only one filter: join the conditions with 'and'"),
        ("filter=%ff", "The query is not UTF-8"),
        ("orderBy=age", "orderBy cannot be read: at character 1: the order of 'age' is that of 'lastUpdatedTime desc'"),
    ])
    func whatCannotBeReadIsRefused(query: String, message: String) async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(.get, "~/instances?" + query)
            #expect(reply.status == 400)
            #expect(reply.message?.hasPrefix(message) == true, "\(reply.body)")
            let purge = try await gateway.call(.delete, "~/instances?createdTimeFrom=2000-01-01&" + query)
            #expect(purge.status == 400)
            let counts = try await gateway.call(.get, "/counts?groupBy=instanceId&" + query)
            #expect(counts.status == 400)
        }
    }

    @Test(arguments: [(0, 503, "5"), (1, 400, nil)] as [(Int, Int, String?)])
    func whatASearchMayCostIsLimited(atOnce: Int, status: Int, retryAfter: String?) async throws {
        var limits = SearchLimits()
        limits.atOnce = atOnce
        limits.time = .zero
        try await withGateway(searchLimits: limits) { gateway async throws in
            // A page that is ready before its time is up would be given, time or not.
            try await gateway.settle(.sample(.of("a"), customStatus: .json(Self.large)))
            for path in ["~/instances?filter=\(Self.endless)", "/counts?groupBy=customStatus.a&filter=\(Self.endless)"]
            {
                let reply = try await gateway.call(.get, path)
                #expect(reply.status == status, "\(reply.body)")
                #expect(reply.headers[.retryAfter] == retryAfter)
            }
        }
    }

    private static let large = "[" + Array(repeating: "0", count: 400_000).joined(separator: ",") + "]"
    /// Reads all of it, again and again.
    private static let endless = (0..<32).map { "customStatus+has+\($0 + 1)" }.joined(separator: "+or+")

    @Test func aPurgeTakesAFilterToo() async throws {
        try await withGateway { gateway async throws in
            for id in ["a", "b"] {
                try await gateway.settle(.sample(.of(id), .completed, customStatus: .json(#"{"id": "\#(id)"}"#)))
            }
            let path = "~/instances?createdTimeFrom=2000-01-01&filter=customStatus.id=='b'"
            #expect(try await gateway.call(.delete, path).body == #"{"instancesDeleted":1}"#)
        }
    }
}
