import HTTPTypes
import RepriseEngine
import RepriseKernel
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct ClusterRouteTests {
    private func announcement(_ name: String, _ partitions: [PartitionAnnouncement]) -> NodeAnnouncement {
        NodeAnnouncement(
            id: "id-\(name)",
            name: name,
            heartbeat: .seconds(5),
            isLeaving: name == "c",
            partitions: partitions
        )
    }

    private func state(
        _ number: Int,
        _ role: PartitionAnnouncement.Role,
        commit: CommitNumber,
        trouble: String? = nil
    ) -> PartitionAnnouncement {
        PartitionAnnouncement(
            partition: PartitionNumber(number),
            role: role,
            holding: HeldJournal(
                journal: "j\(number)",
                standing: JournalPosition(commit: commit, checksum: 1, epoch: 2)
            ),
            log: role == .owner ? LogAddress(segment: 3, commit: 0, records: 2) : nil,
            trouble: trouble
        )
    }

    @Test func whoOwnsWhat() async throws {
        try await withGateway { gateway async throws in
            var view = ClusterView(partitionCount: 2)
            view.hear(announcement("b", [state(0, .owner, commit: 7)]), at: .seconds(9))
            view.hear(announcement("a", [state(0, .standby, commit: 5, trouble: "no \"room\"")]), at: .seconds(8))
            view.hear(announcement("c", []), at: .seconds(-6))
            gateway.hub.view.withLock { $0 = view }
            let reply = try await gateway.call(.get, "/cluster")
            #expect(reply.status == 200)
            #expect(reply.headers[.cacheControl] == "no-store")
            #expect(
                reply.body == #"{"hub":"demo","nodes":["#
                    + #"{"name":"a","id":"id-a","heartbeatMilliseconds":5000,"ageMilliseconds":2000,"leaving":false,"missing":false},"#
                    + #"{"name":"b","id":"id-b","heartbeatMilliseconds":5000,"ageMilliseconds":1000,"leaving":false,"missing":false},"#
                    + #"{"name":"c","id":"id-c","heartbeatMilliseconds":5000,"ageMilliseconds":16000,"leaving":true,"missing":true}],"#
                    + #""partitions":[{"partition":0,"owner":"b","epoch":2,"journal":"j0","commit":7,"logSegment":3,"logGeneration":3,"#
                    + #""standbys":[{"node":"a","lag":2}],"backlog":null,"unconfirmed":null,"awaitingEvents":null,"troubles":[{"node":"a","text":"no \"room\""}]},"#
                    + #"{"partition":1,"owner":null,"epoch":null,"journal":null,"commit":null,"logSegment":null,"logGeneration":null,"#
                    + #""standbys":[],"backlog":null,"unconfirmed":null,"awaitingEvents":null,"troubles":[]}]}"#
            )
        }
    }

    @Test func nobodyCanBeHeard() async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(.get, "/cluster")
            #expect(reply.status == 503)
            #expect(try await gateway.call(.post, "/cluster").status == 405)
        }
    }
}
