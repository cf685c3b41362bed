import RepriseBroker
import RepriseKernel
import Testing
import reprise_cli

@Suite struct BrokersExaminationTests {
    private func member(
        _ number: Int,
        version: String? = "3.10.8",
        cluster: String = "one",
        problem: String? = nil,
        missing: [Int] = []
    ) -> BrokerInspection.Member {
        BrokerInspection.Member(
            place: "h\(number):5672",
            product: version.map { BrokerInspection.Product(name: "RabbitMQ", version: $0, cluster: cluster) },
            problem: problem,
            missing: missing.map(PartitionNumber.init)
        )
    }

    private func lines(_ members: [BrokerInspection.Member], kind: BrokerKind = .cluster, logs: Int = 4) -> [String] {
        BrokersExamination(members, kind: kind, logs: logs).run().map { $0.line(subjectWidth: 0) }
    }

    @Test func threeThatServeSayWhatMayBeLost() {
        let lines = lines([member(1), member(2), member(3)])
        #expect(lines[0] == "ok  broker h1:5672  RabbitMQ 3.10.8, with a replica of 4 logs")
        #expect(lines[3] == "ok  brokers  3 of 3 answer: 1 broker may be lost, and the hub goes on")
        #expect(lines[4].contains("AMQP does not tell"))
        #expect(lines.count == 5)
    }

    @Test func oneThatIsGoneLeavesNoneToLose() {
        let lines = lines([member(1), member(2, version: nil, problem: "Nothing answers at h2."), member(3)])
        #expect(lines[1].hasPrefix("!!  broker h2:5672  Nothing answers at h2. → start it"))
        #expect(lines[3].hasPrefix("!!  brokers  2 of 3 answer: the loss of one more stops the hub → "))
    }

    @Test func twoThatAreGoneAreNoMajority() {
        let gone = member(2, version: nil, problem: "x")
        #expect(lines([member(1), gone, gone])[3].hasPrefix("!!  brokers  1 of 3 answer, which is no majority → "))
    }

    @Test func missingReplicasAreNamed() {
        let lines = lines([member(1), member(2, missing: [0, 3]), member(3, problem: "it did not answer in time")])
        #expect(
            lines[1].hasPrefix(
                "!!  broker h2:5672  RabbitMQ 3.10.8, without a replica of the log of partitions 0, 3 → "
            )
        )
        #expect(lines[1].contains("rabbitmq-streams add_replica"))
        #expect(lines[2].hasPrefix("!!  broker h3:5672  RabbitMQ 3.10.8; it did not answer in time → check its log"))
    }

    @Test func brokersThatDoNotBelongTogetherAreTold() {
        let lines = lines([member(1), member(2, cluster: "two"), member(3, version: "4.0.5")])
        #expect(lines.contains { $0.hasPrefix("!!  brokers  they are of different clusters: one, two → ") })
        #expect(lines.contains { $0.hasPrefix("--  brokers  their versions differ: 3.10.8, 4.0.5;") })
    }

    @Test func whatTheHubWasMadeForIsCompared() {
        #expect(lines([member(1)], kind: .one) == [])
        #expect(
            lines([member(1)]).contains {
                $0.contains("REPRISE_AMQP_URL names one, and the hub was made for a cluster")
            }
        )
        #expect(
            lines([member(1), member(2), member(3)], kind: .one).contains {
                $0.contains("the hub was made for one broker")
            }
        )
    }
}
