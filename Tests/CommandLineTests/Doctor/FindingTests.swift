import RepriseBroker
import RepriseGateway
import RepriseKernel
import Testing
import reprise_cli

@Suite struct FindingTests {
    @Test func lines() {
        #expect(Finding.ok("hub", "there").line(subjectWidth: 5) == "ok  hub    there")
        #expect(Finding.bad("hub", "gone", advice: "look").line(subjectWidth: 3) == "!!  hub  gone → look")
        #expect(Finding.note("hub", "old\n").line(subjectWidth: 3) == "--  hub  old ")
    }

    private static let health = PartitionHealth(
        partition: PartitionNumber(3),
        node: "n",
        journal: "j",
        epoch: 1,
        commits: 2,
        sequence: 3,
        instances: 4,
        liveSessions: 5,
        unconfirmed: 6,
        retrying: 7,
        armedTimers: 8,
        droppedResults: 9
    )

    /// A queue that a policy had given a length was blamed on an activity without a worker.
    @Test func whyMessagesWaitIsNamed() throws {
        var health = Self.health
        health.retryReason = "the queue 'reprise.h.activity.Pay' refused it"
        let refused = try #require(DeliveryFinding.of(health)).line(subjectWidth: 11)
        #expect(
            refused.hasPrefix(
                "!!  partition 3  7 messages could not be delivered and will be tried again: "
                    + "the queue 'reprise.h.activity.Pay' refused it → that queue is full"
            )
        )
        #expect(refused.contains("no limit but a policy's (rabbitmqctl list_queues name policy, list_policies"))
        #expect(!refused.contains("start a worker"))
        health.retryReason = "the queue of the activity 'Pay' did not exist"
        let missing = try #require(DeliveryFinding.of(health)).line(subjectWidth: 11)
        #expect(missing.contains("start a worker for an activity whose queue is missing"))
        #expect(missing.contains("rabbitmqctl list_queues name policy"))
        health.retrying = 0
        #expect(DeliveryFinding.of(health) == nil)
    }

    @Test func aRecordThatIsGoneIsNamed() throws {
        let hub = try HubName("h")
        var partition = BrokerInspection.Partition(
            number: PartitionNumber(2),
            inbox: BrokerInspection.Queue(name: "inbox"),
            isOwned: true,
            hasJournal: true
        )
        #expect(RecordFinding.of(partition, in: hub) == nil)
        partition.hasJournal = false
        let gone = try #require(RecordFinding.of(partition, in: hub)).line(subjectWidth: 11)
        #expect(gone.hasPrefix("!!  partition 2  its record in reprise.h.journal.2 is gone"))
        #expect(gone.contains("or a node that has just taken the partition has not written it yet → its node writes"))
        #expect(gone.contains("rabbitmqctl list_queues name policy"))
        partition.isOwned = false
        #expect(RecordFinding.of(partition, in: hub) == nil)
    }

    @Test func aClockThatIsOffIsNamed() {
        var health = Self.health
        #expect(ClockFinding.of(health) == nil)
        health.clockDifference = .seconds(3600)
        #expect(ClockFinding.of(health)?.line(subjectWidth: 11).contains("the wall clock of n is 3600 s ahead") == true)
        health.clockDifference = .seconds(-10)
        #expect(ClockFinding.of(health)?.line(subjectWidth: 11).contains("the wall clock of n is 10 s behind") == true)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("::1", true), ("0.0.0.0", false),
        ("127.0.0.256", false), ("127.0.0", false), ("example.org", false), ("", false),
    ])
    func loopback(host: String, isLoopback: Bool) {
        #expect(Loopback.contains(host) == isLoopback)
    }
}
