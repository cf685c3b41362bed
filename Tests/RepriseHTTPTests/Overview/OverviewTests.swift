import HTTPTypes
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct OverviewTests {
    @Test func countsAndShowsTheNewest() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("old"), .completed, created: 1000))
            try await gateway.settle(.sample(.of("new"), customStatus: .json(#""Tokyo""#), created: 2000))
            let reply = try await gateway.call(.get, "/overview")
            #expect(
                reply.body == """
                    {"hub":"demo","readOnly":false,"counts":{"Running":1,"Completed":1},\
                    "rate":{"started":0,"ended":0,"seconds":1},"activities":null,"deadLetters":0,"instances":[\
                    {"name":"Hello","instanceId":"new","runtimeStatus":"Running","customStatus":"Tokyo",\
                    "createdTime":"1970-01-01T00:00:02.000Z","lastUpdatedTime":"1970-01-01T00:00:05.000Z"},\
                    {"name":"Hello","instanceId":"old","runtimeStatus":"Completed","customStatus":null,\
                    "createdTime":"1970-01-01T00:00:01.000Z","lastUpdatedTime":"1970-01-01T00:00:04.000Z"}]}
                    """
            )
        }
    }

    @Test func saysWhatWaitsForWorkers() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.queues.withLock {
                $0 = [ActivityBacklog(name: "Charge \"it\"", waiting: 12, workers: 0)]
            }
            let reply = try await gateway.call(.get, "/overview")
            #expect(reply.body.contains(#""activities":[{"name":"Charge \"it\"","waiting":12,"workers":0}]"#))
        }
    }

    // MARK: What is kept for a moment

    @Test func isMadeOncePerMoment() async throws {
        let remembered = Cached<Int>()
        let made = Mutex(0)
        for _ in 0..<5 {
            let value = try await remembered.value {
                made.withLock {
                    $0 += 1
                    return $0
                }
            }
            #expect(value == 1)
        }
    }

    @Test func aFailureIsNotKept() async throws {
        struct Trouble: Error {}
        let remembered = Cached<Int>()
        await #expect(throws: Trouble.self) { _ = try await remembered.value { throw Trouble() } }
        #expect(try await remembered.value { 7 } == 7)
    }
}
