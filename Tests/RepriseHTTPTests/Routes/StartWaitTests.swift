import HTTPTypes
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

/// Starts whose answer waits for the end.
@Suite struct StartWaitTests {
    @Test func aStartThatWaitsGetsTheOutputItself() async throws {
        try await withGateway { gateway async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let reply = try await gateway.call(.post, "~/orchestrators/Hello/a?timeout=20&pollingInterval=10")
                    #expect(reply.status == 200)
                    #expect(reply.body == #"["Hello Tokyo!"]"#)
                    #expect(reply.headers[.location] == nil)
                }
                group.addTask {
                    while gateway.hub.sent.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
                    let start = try #require(gateway.hub.state.withLock { $0.instances[.of("a")] })
                    try await gateway.settle(
                        .sample(
                            .of("a"),
                            .completed,
                            incarnation: start.incarnation,
                            output: .json(#"["Hello Tokyo!"]"#)
                        )
                    )
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aWaitThatEndsInFailureGetsTheWholeStatus() async throws {
        try await withGateway { gateway async throws in
            for (option, code) in [("", 200), ("&returnInternalServerErrorOnFailure=true", 500)] {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let id = "a\(code)"
                    group.addTask {
                        let reply = try await gateway.call(
                            .post,
                            "~/orchestrators/Hello/\(id)?timeout=20&pollingInterval=0.1\(option)"
                        )
                        #expect(reply.status == code)
                        #expect(reply.body.contains(#""runtimeStatus":"Failed""#))
                        #expect(reply.body.contains(#""output":"Boom: no""#))
                    }
                    group.addTask {
                        let key = InstanceID.of(id)
                        while gateway.hub.state.withLock({ $0.instances[key] }) == nil {
                            try await Task.sleep(for: .milliseconds(2))
                        }
                        // Only the partition knows: polling finds it.
                        gateway.hub.state.withLock {
                            $0.instances[key]?.runtimeStatus = .failed
                            $0.instances[key]?.output = .json(#""Boom: no""#)
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test func aWaitThatRunsOutIsAnOrdinaryStart() async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(.post, "~/orchestrators/Hello/a?timeout=0.2&pollingInterval=0.1")
            #expect(reply.status == 202)
            #expect(reply.headers[.retryAfter] == "10")
            let only = try await gateway.call(.post, "~/orchestrators/Hello/b?timeout=100")
            #expect(only.status == 202, "one of the two alone does not wait")
        }
    }
}
