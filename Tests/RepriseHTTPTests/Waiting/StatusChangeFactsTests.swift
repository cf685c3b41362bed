import HTTPTypes
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

/// What the status address has for those who want to hear of changes.
@Suite struct StatusChangeFactsTests {
    static let id = InstanceID.of("a")

    private func later(_ status: InstanceStatus, _ change: (inout InstanceStatus) -> Void) -> InstanceStatus {
        var later = status
        later.version += 1
        later.lastUpdatedTime = Timestamp(milliseconds: status.lastUpdatedTime.milliseconds + 1000)
        change(&later)
        return later
    }

    @Test func aTagNamesWhatIsShown() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(Self.id))
            let reply = try await gateway.call(.get, "~/instances/a")
            #expect(reply.status == 202)
            let tag = try #require(reply.headers[.eTag])
            #expect(tag == #""1.1""#)
            let same = try await gateway.call(.get, "~/instances/a", headers: [.ifNoneMatch: tag])
            #expect(same.emptyStatus == 304)
            #expect(same.headers[.eTag] == tag)
            #expect(try await gateway.call(.get, "~/instances/a", headers: [.ifNoneMatch: "*"]).emptyStatus == 304)

            gateway.hub.put(later(.sample(Self.id)) { $0.customStatus = .json(#""Tokyo""#) })
            let other = try await gateway.call(.get, "~/instances/a", headers: [.ifNoneMatch: tag])
            #expect(other.status == 202)
            #expect(other.headers[.eTag] == #""1.2""#)
        }
    }

    @Test func historyHasNoTag() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(Self.id))
            let reply = try await gateway.call(.get, "~/instances/a?showHistory=true", headers: [.ifNoneMatch: "*"])
            #expect(reply.status == 202)
            #expect(reply.headers[.eTag] == nil)
        }
    }

    @Test func aHeldReaderHearsOfTheChange() async throws {
        try await withGateway { gateway async throws in
            // Only the partition knows it yet: each reader asks once to see it, and again as it begins to wait.
            gateway.hub.put(.sample(Self.id))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for headers: HTTPFields in [
                    [.prefer: "wait=100"], [.prefer: "wait=100", .ifNoneMatch: #""1.1""#],
                ] {
                    group.addTask {
                        let reply = try await gateway.call(.get, "~/instances/a", headers: headers)
                        #expect(reply.status == 200)
                        #expect(reply.body.contains(#""output":"done""#))
                        #expect(reply.headers[.preferenceApplied] == "wait=100")
                    }
                }
                group.addTask {
                    while gateway.hub.state.withLock({ $0.asked.count }) < 4 { await Task.yield() }
                    try await gateway.settle(.sample(Self.id, .completed, output: .json(#""done""#)))
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func whoIsBehindIsNotHeld() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(Self.id))
            let headers: HTTPFields = [.prefer: "wait=200", .ifNoneMatch: #""0.9""#]
            let reply = try await gateway.call(.get, "~/instances/a", headers: headers)
            #expect(reply.status == 202)
            #expect(reply.headers[.preferenceApplied] == nil)
        }
    }

    /// Two gateways behind a proxy: who had 1.2 from the first asked the second, which had 1.1, again and again.
    @Test func whoIsAheadIsHeldUntilTheGatewayHasCaughtUp() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(Self.id))
            let short: HTTPFields = [.prefer: "wait=1", .ifNoneMatch: #""1.2""#]
            let reply = try await gateway.call(.get, "~/instances/a", headers: short)
            #expect(reply.headers[.eTag] == #""1.1""#)
            #expect(reply.headers[.preferenceApplied] == "wait=1")

            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let headers: HTTPFields = [.prefer: "wait=100", .ifNoneMatch: #"W/"1.2", "0.7""#]
                    let reply = try await gateway.call(.get, "~/instances/a", headers: headers)
                    #expect(reply.headers[.eTag] == #""1.3""#)
                }
                let second = later(.sample(Self.id)) { $0.customStatus = .json("2") }
                gateway.hub.put(second)
                gateway.hub.put(later(second) { $0.customStatus = .json("3") })
                try await group.waitForAll()
            }
        }
    }

    @Test func aPartitionThatIsAwayHoldsNobodyLonger() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.state.withLock { $0.silence = .seconds(60) }
            let began = ContinuousClock.now
            let reply = try await gateway.call(.post, "~/orchestrators/Hello/b?timeout=1&pollingInterval=1")
            #expect(reply.status == 202)
            #expect(ContinuousClock.now - began < .seconds(10))
        }
    }

    @Test func whatHasEndedOrIsNotThereHasNoNews() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(Self.id, .completed))
            let ended = try await gateway.call(.get, "~/instances/a", headers: [.prefer: "wait=200"])
            #expect(ended.status == 200)
            let tag = try #require(ended.headers[.eTag])
            let headers: HTTPFields = [.prefer: "wait=200", .ifNoneMatch: tag]
            let known = try await gateway.call(.get, "~/instances/a", headers: headers)
            #expect(known.emptyStatus == 304)
            #expect(known.headers[.preferenceApplied] == nil)
            #expect(try await gateway.call(.get, "~/instances/b", headers: headers).problemStatus == 404)
        }
    }

    @Test func aWaitWithoutNewsSaysThatThereIsNone() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(Self.id))
            let plain = try await gateway.call(.get, "~/instances/a", headers: [.prefer: "wait=1"])
            #expect(plain.status == 202)
            let headers: HTTPFields = [.prefer: "wait=1", .ifNoneMatch: #""1.1""#]
            let reply = try await gateway.call(.get, "~/instances/a", headers: headers)
            #expect(reply.emptyStatus == 304)
            #expect(reply.headers[.preferenceApplied] == "wait=1")
        }
    }

    /// A command was accepted, and the model has not heard of it yet: who sent it must read what came of it.
    @Test func whoChangesAnInstanceReadsTheChange() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(Self.id))
            #expect(try await gateway.call(.post, "~/instances/a/suspend").emptyStatus == 202)
            let reply = try await gateway.call(.get, "~/instances/a")
            #expect(reply.body.contains(#""runtimeStatus":"Suspended""#))
            #expect(reply.headers[.eTag] == #""1.2""#)
            #expect(try await gateway.call(.get, "~/instances/a").headers[.eTag] == #""1.2""#)
        }
    }
}
