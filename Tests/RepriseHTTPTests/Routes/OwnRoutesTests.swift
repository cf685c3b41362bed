import HTTPTypes
import RepriseKernel
import RepriseStatus
import Testing

@testable import RepriseHTTP

@Suite struct OwnRoutesTests {
    @Test func thePageIsOneFileThatOnlyItsOwnScriptRunsIn() async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(.get, "/")
            #expect(reply.status == 200)
            #expect(reply.headers[.contentType] == "text/html; charset=utf-8")
            let policy = try #require(reply.headers[.contentSecurityPolicy])
            let nonce = try #require(policy.split(separator: "'nonce-").last?.prefix { $0 != "'" })
            #expect(policy.hasPrefix("default-src 'none'; "))
            #expect(reply.body.contains("<script nonce=\"\(nonce)\">"))
            #expect(!reply.body.contains("NONCE"))
            #expect(!reply.body.contains("innerHTML"))
            #expect(!reply.body.contains("http"), "nothing is loaded from elsewhere")
            let again = try await gateway.call(.get, "/")
            #expect(again.headers[.contentSecurityPolicy] != policy)
        }
    }

    @Test func theOverviewCountsAndShowsTheNewest() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("old"), .completed, created: 1000))
            try await gateway.settle(.sample(.of("new"), customStatus: .json(#""Tokyo""#), created: 2000))
            let reply = try await gateway.call(.get, "/overview")
            #expect(
                reply.body == """
                    {"hub":"demo","counts":{"Running":1,"Completed":1},"instances":[\
                    {"name":"Hello","instanceId":"new","runtimeStatus":"Running","customStatus":"Tokyo",\
                    "createdTime":"1970-01-01T00:00:02.000Z","lastUpdatedTime":"1970-01-01T00:00:05.000Z"},\
                    {"name":"Hello","instanceId":"old","runtimeStatus":"Completed","customStatus":null,\
                    "createdTime":"1970-01-01T00:00:01.000Z","lastUpdatedTime":"1970-01-01T00:00:04.000Z"}]}
                    """
            )
        }
    }

    @Test func healthSaysHowFarTheModelIsBehind() async throws {
        try await withGateway { gateway async throws in
            let fine = try await gateway.call(.get, "/health")
            #expect(
                fine.body.hasPrefix(#"{"hub":"demo","status":"ok","lag":0,"partitions":[{"partition":0,"applied":0,"#)
            )
            try await gateway.project(.sample(.of("a")))
            let behind = try await gateway.call(.get, "/Health/")
            #expect(behind.emptyStatus == 404, "our own addresses are written one way")
            let reply = try await gateway.call(.get, "/health")
            #expect(reply.body.contains(#""status":"behind""#))
            #expect(reply.body.contains(#""applied":0,"known":2,"lag":2,"hasGap":true"#))
        }
    }

    @Test func ourOwnAddressesNameTheirVerbs() async throws {
        try await withGateway { gateway async throws in
            for uri in ["/", "/health", "/overview"] {
                let reply = try await gateway.call(.post, uri)
                #expect(reply.status == 405)
                #expect(reply.headers[.allow] == "GET")
                #expect(reply.message != nil)
            }
        }
    }
}
