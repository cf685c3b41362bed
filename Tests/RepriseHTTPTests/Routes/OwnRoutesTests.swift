import HTTPTypes
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Testing

@testable import RepriseHTTP

@Suite struct OwnRoutesTests {
    @Test func healthSaysHowFarTheModelIsBehind() async throws {
        try await withGateway { gateway async throws in
            let fine = try await gateway.call(.get, "/health")
            #expect(
                fine.body.hasPrefix(#"{"hub":"demo","status":"ok","lag":0,"partitions":[{"partition":0,"applied":0,"#)
            )
            try await gateway.project(.sample(.of("a")))
            let behind = try await gateway.call(.get, "/Health/")
            #expect(behind.problemStatus == 404, "our own addresses are written one way")
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
