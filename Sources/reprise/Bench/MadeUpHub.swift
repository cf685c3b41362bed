import RepriseEngine
import RepriseKernel

/// A simulated hub: its partitions answer with as many instances as requested, made up from their numbers, the same
/// ones every time.
struct MadeUpHub: HubClient {
    let hub: HubName
    let partitionCount: Int
    /// In each partition.
    private let count: Int
    private let now: Timestamp

    /// - Parameter count: of instances, in all partitions together; rounded up to the same number in each.
    init(hub: HubName, partitionCount: Int = 4, count: Int, now: Timestamp) {
        self.hub = hub
        self.partitionCount = partitionCount
        self.count = (count + partitionCount - 1) / partitionCount
        self.now = now
    }

    var instancesOfEach: [Int64] { Array(repeating: Int64(count), count: partitionCount) }

    func send(_ command: Command, ordered: Bool) async throws(HubUnavailable) -> Answer {
        throw HubUnavailable("a made-up hub takes no commands")
    }

    func ask(_ query: Query, partition: PartitionNumber) async throws(HubUnavailable) -> Answer {
        switch query {
        case .status: return .status(nil, history: [])
        case .changes(let id, _): return .rejected(Rejection(.unknownInstance, "there is no instance '\(id)'"))
        case .health: return .health(report(of: partition))
        case .instances(let cursor, let limit):
            let end = min(Int(cursor.rawValue) + limit, count)
            return .instances(
                InstancePage(
                    statuses: (Int(cursor.rawValue)..<end).map { status($0, in: partition) },
                    next: end < count ? InstanceKey(rawValue: Int64(end)) : nil,
                    sequence: StatusSequenceNumber(rawValue: Int64(count))
                )
            )
        }
    }

    private func report(of partition: PartitionNumber) -> PartitionHealth {
        PartitionHealth(
            partition: partition,
            node: "nobody",
            journal: "made-up",
            epoch: 1,
            commits: CommitNumber(rawValue: Int64(count)),
            sequence: StatusSequenceNumber(rawValue: Int64(count)),
            instances: Int64(count),
            liveSessions: 0,
            unconfirmed: 0,
            retrying: 0,
            armedTimers: 0,
            droppedResults: 0
        )
    }

    // MARK: Instances

    static let stages = ["received", "paid", "packed", "shipped", "delivered", "returned", "cancelled", "lost"]
    private static let cities = ["Tokyo", "London", "Seattle", "Oslo", "Lagos", "Lima", "Pune", "Quito"]
    private static let names = ["Order", "Order", "Order", "Refund", "CityRecommender"]

    private func status(_ number: Int, in partition: PartitionNumber) -> InstanceStatus {
        var lot = SeededGenerator(seed: UInt64(partition.value) << 40 | UInt64(number))
        let id = id(in: partition, &lot)
        let runtimeStatus: RuntimeStatus =
            switch lot.draw(100) {
            case 0..<70: .completed
            case 70..<92: .running
            case 92..<97: .failed
            case 97..<99: .pending
            default: .suspended
            }
        let created = now.milliseconds - 86_400_000 * 30 + Int64(lot.draw(86_400_000 * 29))
        let first = lot.draw(Self.cities.count)
        let second = (first + 1 + lot.draw(Self.cities.count - 1)) % Self.cities.count
        // The first stages are the most frequent.
        let stage = Self.stages[min(lot.draw(Self.stages.count), lot.draw(Self.stages.count))]
        let customStatus = """
            {"stage":"\(stage)","progress":\(lot.draw(101)),"recommendedCities":["\(Self.cities[first])",\
            "\(Self.cities[second])"],"note":"The parcel of customer \(lot.draw(100_000)) is under way"}
            """
        return InstanceStatus(
            instance: id,
            name: Self.names[lot.draw(Self.names.count)],
            incarnation: Incarnation(rawValue: Int64(number + 1)),
            version: Int64(1 + lot.draw(8)),
            runtimeStatus: runtimeStatus,
            input: Self.json(#"{"order":\#(number),"amount":\#(lot.draw(10_000)).5,"currency":"EUR"}"#),
            customStatus: Self.json(customStatus),
            output: runtimeStatus == .completed ? Self.json(#"{"ok":true}"#) : .null,
            failure: nil,
            createdTime: Timestamp(milliseconds: created),
            lastUpdatedTime: Timestamp(milliseconds: created + Int64(lot.draw(86_400_000))),
            partition: partition,
            sequence: StatusSequenceNumber(rawValue: Int64(number + 1)),
            traits: InstanceTraits(tags: lot.draw(2) == 0 ? ["region": lot.draw(2) == 0 ? "eu" : "us"] : [:])
        )
    }

    /// The first that belongs to the partition.
    private func id(in partition: PartitionNumber, _ lot: inout SeededGenerator) -> InstanceID {
        while true {
            let id = InstanceID(trusted: "order-" + String(lot.next(), radix: 16))
            if PartitionNumber(of: id, count: partitionCount) == partition { return id }
        }
    }

    private static func json(_ text: String) -> Payload { Payload(trusted: Array(text.utf8)) }
}

extension SeededGenerator {
    fileprivate mutating func draw(_ below: Int) -> Int { Int(next() % UInt64(below)) }
}
