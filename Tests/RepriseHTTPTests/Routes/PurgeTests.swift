import HTTPTypes
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct PurgeTests {
    /// An illegible prefix was dropped, and everything was purged that the prefix was to keep apart.
    @Test(arguments: [
        "instanceIdPrefix=%E9t%E9-", "%E9=1", "name=", "parentInstanceId=", "runtimeStatus=,", "runtimeStatus=",
        "runtimeStatus=Failed&runtimeStatus=", "instanceIdPrefix=", "createdTimeTo=", "name=%20",
    ])
    func aFilterThatSaysNothingPurgesNothing(filter: String) async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("a"), .completed))
            let reply = try await gateway.call(.delete, "~/instances?createdTimeFrom=2001-01-01&\(filter)")
            #expect(reply.status == 400)
            #expect(reply.message != nil)
            #expect(gateway.hub.sent.isEmpty)
        }
    }

    @Test func aPurgedInstanceIsGoneAtOnce() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("a"), .completed))
            let reply = try await gateway.call(.delete, "~/instances/a")
            #expect(reply.status == 200)
            #expect(reply.body == #"{"instancesDeleted":1}"#)
            // The model does not know yet, but who purged does.
            #expect(try await gateway.call(.get, "~/instances/a").problemStatus == 404)
            #expect(try await gateway.call(.delete, "~/instances/a").problemStatus == 404)
        }
    }

    @Test func whatRunsIsNotPurged() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("a")))
            #expect(try await gateway.call(.delete, "~/instances/a").status == 409)
            #expect(try await gateway.call(.delete, "~/instances?createdTimeFrom=2000-01-01").problemStatus == 404)
            #expect(
                try await gateway.call(.delete, "~/instances?createdTimeFrom=2000-01-01&runtimeStatus=Running")
                    .problemStatus == 404
            )
            #expect(try await gateway.call(.get, "~/instances/a").status == 202)
        }
    }

    @Test func manyArePurgedByFilter() async throws {
        try await withGateway { gateway async throws in
            for number in 0..<300 {
                let status: RuntimeStatus = [.completed, .failed, .running][number % 3]
                try await gateway.settle(.sample(.of("i-\(number)"), status))
            }
            // The model is behind: this one runs again.
            gateway.hub.put(.sample(.of("i-0"), .running))
            let failed = try await gateway.call(
                .delete,
                "~/instances?createdTimeFrom=2019-10-06&createdTimeTo=2019-10-07&runtimeStatus=failed"
            )
            #expect(failed.body == #"{"instancesDeleted":100}"#)
            let rest = try await gateway.call(.delete, "~/instances/?createdTimeFrom=2019-10-06T00:00:00Z")
            #expect(rest.body == #"{"instancesDeleted":99}"#)
            #expect(gateway.hub.state.withLock { $0.instances.count } == 101)
        }
    }

    @Test func aPurgeOfManyNeedsItsBeginning() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("a"), .completed))
            for query in ["", "?runtimeStatus=Completed", "?createdTimeFrom="] {
                let reply = try await gateway.call(.delete, "~/instances\(query)")
                #expect(reply.status == 400)
                #expect(reply.body == #""Please provide value for 'createdTimeFrom' parameter.""#)
            }
            for query in [
                "createdTimeFrom=x", "createdTimeFrom=2000-01-01&createdTimeTo=x",
                "createdTimeFrom=2000-01-01&runtimeStatus=x",
            ] {
                #expect(try await gateway.call(.delete, "~/instances?\(query)").status == 400, "\(query)")
            }
            #expect(gateway.hub.sent.isEmpty)
        }
    }
}
