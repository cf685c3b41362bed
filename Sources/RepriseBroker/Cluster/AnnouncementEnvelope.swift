import Foundation
package import RabbitMQ
package import RepriseEngine
import RepriseKernel

/// What nodes tell each other, on the nodes' exchange: small, not persistent, and soon out of date.
package enum AnnouncementEnvelope {
    package enum Kind: String {
        case announcement = "NodeAnnouncement"
        /// A new listener wants to hear from all nodes.
        case hello = "NodeHello"
    }

    package static func publication(of announcement: NodeAnnouncement, names: HubNames) -> RabbitMQPublication {
        publication(.announcement, body: encode(announcement), names)
    }

    package static func hello(_ names: HubNames) -> RabbitMQPublication {
        publication(.hello, body: Array("{}".utf8), names)
    }

    private static func publication(_ kind: Kind, body: [UInt8], _ names: HubNames) -> RabbitMQPublication {
        RabbitMQPublication(
            id: 0,
            exchange: names.nodes,
            routingKey: "",
            mandatory: false,
            message: RabbitMQMessage(
                properties: RabbitMQProperties(
                    contentType: CommandEnvelope.contentType,
                    persistent: false,
                    type: kind.rawValue
                ),
                body: body
            )
        )
    }

    /// Nil for what is not an announcement: it is ignored, since a newer release may send more kinds.
    ///
    /// Anyone may publish here, so everything kept of it is bounded.
    package static func read(_ body: [UInt8]) -> NodeAnnouncement? {
        guard let node = try? JSONDecoder().decode(NodeBody.self, from: Data(body)),
            node.heartbeat > 0, node.heartbeat <= 3_600, node.id.utf8.count <= maximumIDBytes
        else { return nil }
        return node.announcement
    }

    fileprivate static let maximumIDBytes = 128
    fileprivate static let maximumNameBytes = 256
    fileprivate static let maximumTroubleBytes = 2_048
    fileprivate static let maximumActivities = 1_000
    fileprivate static let maximumOrchestrators = 1_000
    /// In seconds: what REPRISE_HEARTBEAT can be at most.
    fileprivate static let longestHeartbeat = 60.0

    static func encode(_ announcement: NodeAnnouncement) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and whole numbers: there is nothing in it that could fail.
        return (try? encoder.encode(NodeBody(announcement))).map { Array($0) } ?? []
    }
}

private struct NodeBody: Codable {
    var id: String
    var name: String
    /// Seconds.
    var heartbeat: Double
    var leaving: Bool
    var partitions: [PartitionBody]
    /// Earlier releases say nothing of them.
    var orchestrators: [OrchestratorBody]?

    init(_ node: NodeAnnouncement) {
        id = node.id.rawValue
        name = node.name
        heartbeat = node.heartbeat / .seconds(1)
        leaving = node.isLeaving
        partitions = node.partitions.filter { $0.isWorthTelling }.map(PartitionBody.init)
        orchestrators = OrchestratorBody.all(node.orchestrators)
    }

    var announcement: NodeAnnouncement {
        var seen: Set<Int> = []
        return NodeAnnouncement(
            id: NodeID(rawValue: id),
            name: name.cut(to: AnnouncementEnvelope.maximumNameBytes),
            heartbeat: .seconds(min(heartbeat, AnnouncementEnvelope.longestHeartbeat)),
            isLeaving: leaving,
            partitions: partitions.filter { seen.insert($0.partition).inserted }.compactMap(\.announcement),
            orchestrators: OrchestratorBody.read(orchestrators ?? [])
        )
    }
}

private struct OrchestratorBody: Codable {
    var name: String
    /// JSON as text: it is handed on as it is.
    var inputSchema: String?
    var statusSchema: String?
    var events: [EventBody]?

    struct EventBody: Codable {
        var name: String
        /// JSON as text, too.
        var schema: String?
    }

    /// Heartbeats stay small: schemas that would make them more than this are left out.
    private static let maximumSchemaBytes = 32_768
    /// As many as an orchestrator may say it takes.
    private static let maximumEvents = 100

    static func all(_ orchestrators: [OrchestratorAnnouncement]) -> [OrchestratorBody]? {
        let bodies = orchestrators.map { orchestrator in
            let events = orchestrator.events.map { EventBody(name: $0.name, schema: $0.schema?.text) }
            return OrchestratorBody(
                name: orchestrator.name,
                inputSchema: orchestrator.inputSchema?.text,
                statusSchema: orchestrator.statusSchema?.text,
                events: events.isEmpty ? nil : events
            )
        }
        return bodies.isEmpty ? nil : small(bodies)
    }

    static func read(_ bodies: [OrchestratorBody]) -> [OrchestratorAnnouncement] {
        small(Array(bodies.prefix(AnnouncementEnvelope.maximumOrchestrators))).compactMap(\.announcement)
    }

    private static func small(_ bodies: [OrchestratorBody]) -> [OrchestratorBody] {
        var room = maximumSchemaBytes
        func fits(_ schema: String) -> Bool {
            let size = schema.utf8.count
            guard size <= room else { return false }
            room -= size
            return true
        }
        return bodies.map { body in
            var body = body
            body.statusSchema = body.statusSchema.flatMap { fits($0) ? $0 : nil }
            body.inputSchema = body.inputSchema.flatMap { fits($0) ? $0 : nil }
            body.events = body.events?.prefix(maximumEvents).map { event in
                EventBody(name: event.name, schema: event.schema.flatMap { fits($0) ? $0 : nil })
            }
            return body
        }
    }

    var announcement: OrchestratorAnnouncement? {
        guard (try? RegisteredName.check(name, of: "an orchestrator's name")) != nil else { return nil }
        return OrchestratorAnnouncement(
            name: name,
            inputSchema: inputSchema.flatMap { try? Payload(checking: Array($0.utf8)) },
            statusSchema: statusSchema.flatMap { try? Payload(checking: Array($0.utf8)) },
            events: (events ?? []).compactMap(\.announcement)
        )
    }
}

extension OrchestratorBody.EventBody {
    fileprivate var announcement: EventAnnouncement? {
        guard (try? RegisteredName.check(name, of: "an event's name")) != nil else { return nil }
        return EventAnnouncement(name: name, schema: schema.flatMap { try? Payload(checking: Array($0.utf8)) })
    }
}

private struct PartitionBody: Codable {
    struct Holding: Codable {
        var journal: String
        var epoch: Int64
        var commit: Int64
        /// Sixteen hexadecimal digits: JSON's numbers end before.
        var checksum: String
    }

    struct Log: Codable {
        /// As earlier releases write it.
        var generation: Int64
        var commit: Int64
        var records: Int64
    }

    var partition: Int
    var role: String
    var holding: Holding?
    var log: Log?
    var trouble: String?
    var activities: [String]?

    init(_ partition: PartitionAnnouncement) {
        self.partition = partition.partition.value
        role = partition.role.rawValue
        holding = partition.holding.map { holding in
            let standing = holding.standing
            return Holding(
                journal: holding.journal.rawValue,
                epoch: standing.epoch.rawValue,
                commit: standing.commit.rawValue,
                checksum: String(standing.checksum, radix: 16)
            )
        }
        log = partition.log.map { Log(generation: $0.segment, commit: $0.commit.rawValue, records: $0.records) }
        trouble = partition.trouble
        activities = partition.activities.isEmpty ? nil : partition.activities
    }

    /// False for numbers that none of our nodes can send: they must not be used in arithmetic, or counted on from.
    private var isSane: Bool {
        guard (0..<HubTopology.maximumPartitions).contains(partition) else { return false }
        guard holding?.journal.utf8.count ?? 0 <= AnnouncementEnvelope.maximumIDBytes else { return false }
        let numbers = [holding?.epoch, holding?.commit, log?.generation, log?.commit, log?.records].compactMap { $0 }
        return numbers.allSatisfy { OutsideNumber.start($0) != nil }
    }

    var announcement: PartitionAnnouncement? {
        guard isSane else { return nil }
        return PartitionAnnouncement(
            partition: PartitionNumber(partition),
            role: PartitionAnnouncement.Role(rawValue: role) ?? .none,
            holding: holding.map { holding in
                HeldJournal(
                    journal: JournalID(rawValue: holding.journal),
                    standing: JournalPosition(
                        commit: CommitNumber(rawValue: holding.commit),
                        checksum: UInt64(holding.checksum, radix: 16) ?? 0,
                        epoch: Epoch(rawValue: holding.epoch)
                    )
                )
            },
            log: log.map {
                LogAddress(
                    segment: $0.generation,
                    commit: CommitNumber(rawValue: $0.commit),
                    records: $0.records
                )
            },
            trouble: trouble.map { $0.cut(to: AnnouncementEnvelope.maximumTroubleBytes) },
            activities: (activities ?? []).prefix(AnnouncementEnvelope.maximumActivities).filter { name in
                (try? RegisteredName.check(name, of: "an activity's name")) != nil
            }
        )
    }
}

extension PartitionAnnouncement {
    fileprivate var isWorthTelling: Bool { role != .none || holding != nil || log != nil || trouble != nil }
}
