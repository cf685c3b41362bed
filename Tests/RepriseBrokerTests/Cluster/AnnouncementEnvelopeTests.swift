import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseBroker

@Suite struct AnnouncementEnvelopeTests {
    private let announcement = NodeAnnouncement(
        id: "n-1",
        name: "east \"1\"",
        heartbeat: .seconds(2),
        isLeaving: true,
        partitions: [
            PartitionAnnouncement(
                partition: PartitionNumber(0),
                role: .owner,
                holding: HeldJournal(
                    journal: "j-0",
                    standing: JournalPosition(commit: 12, checksum: .max - 1, epoch: 3)
                ),
                log: LogAddress(segment: 2, commit: 10, records: 5),
                trouble: nil,
                activities: ["Charge", "Ship"]
            ),
            PartitionAnnouncement(
                partition: PartitionNumber(3),
                role: .none,
                holding: nil,
                log: nil,
                trouble: "the disk is full"
            ),
        ]
    )

    @Test func asItIsDocumented() {
        let text = String(decoding: AnnouncementEnvelope.encode(announcement), as: UTF8.self)
        #expect(
            text == #"{"heartbeat":2,"id":"n-1","leaving":true,"name":"east \"1\"","partitions":["#
                + #"{"activities":["Charge","Ship"],"holding":{"checksum":"fffffffffffffffe","commit":12,"epoch":3,"journal":"j-0"},"#
                + #""log":{"commit":10,"generation":2,"records":5},"partition":0,"role":"owner"},"#
                + #"{"partition":3,"role":"none","trouble":"the disk is full"}]}"#
        )
    }

    @Test func roundTrip() {
        #expect(AnnouncementEnvelope.read(AnnouncementEnvelope.encode(announcement)) == announcement)
    }

    @Test func orchestratorsComeWithTheirSchemasAsFarAsThereIsRoom() {
        var node = announcement
        node.orchestrators = [
            OrchestratorAnnouncement(
                name: "A",
                inputSchema: Payload(json: #"{"type":"string"}"#),
                statusSchema: Payload(json: #"{"type":"integer"}"#),
                events: [
                    EventAnnouncement(name: "Go", schema: Payload(json: #"{"type":"boolean"}"#)),
                    EventAnnouncement(name: "Stop"),
                ]
            ),
            OrchestratorAnnouncement(name: "B"),
        ]
        #expect(AnnouncementEnvelope.read(AnnouncementEnvelope.encode(node)) == node)
        let large = Payload.string(String(repeating: "x", count: 20_000))
        for index in node.orchestrators.indices { node.orchestrators[index].statusSchema = large }
        let read = AnnouncementEnvelope.read(AnnouncementEnvelope.encode(node))
        #expect(read?.orchestrators.map(\.name) == ["A", "B"])
        #expect(read?.orchestrators.map { $0.statusSchema != nil } == [true, false])
    }

    @Test func whatIsNotHereIsNotTold() {
        var silent = announcement
        silent.partitions[1].trouble = nil
        let read = AnnouncementEnvelope.read(AnnouncementEnvelope.encode(silent))
        #expect(read?.partitions.map(\.partition) == [PartitionNumber(0)])
    }

    @Test(arguments: [
        "", "[]", "{}", "null", #"{"heartbeat":0,"id":"a","leaving":false,"name":"a","partitions":[]}"#,
        #"{"heartbeat":1e300,"id":"a","leaving":false,"name":"a","partitions":[]}"#,
        #"{"heartbeat":1,"id":7,"leaving":false,"name":"a","partitions":[]}"#,
    ])
    func whatIsNoneIsPassedOver(_ text: String) {
        #expect(AnnouncementEnvelope.read(Array(text.utf8)) == nil)
    }

    /// They are calculated with, and Swift traps where a number overflows.
    @Test(arguments: ["-9223372036854775808", "9223372036854775807", "-1", "9007199254740992", "4503599627370497"])
    func numbersOfNoNodeArePassedOver(_ number: String) {
        let text =
            #"{"heartbeat":5,"id":"a","leaving":false,"name":"a","partitions":[{"partition":1,"role":"owner","#
            + #""holding":{"journal":"j","epoch":1,"commit":\#(number),"checksum":"1"}}]}"#
        let read = AnnouncementEnvelope.read(Array(text.utf8))
        #expect(read?.partitions == [])
    }

    /// A phantom with a name of 40,000 characters and a heartbeat of an hour stayed for three hours, as did a thousand more.
    @Test func whatIsHeardOfANodeIsBounded() {
        var node = announcement
        node.name = String(repeating: "e\u{301}", count: 20_000)
        node.heartbeat = .seconds(3_600)
        node.partitions = (0..<3).map { _ in announcement.partitions[1] }
        node.partitions[0].trouble = String(repeating: "x", count: 40_000)
        node.partitions[0].activities = Array(repeating: String(repeating: "y", count: 40_000), count: 3)
        node.orchestrators = (0..<2).map {
            OrchestratorAnnouncement(
                name: "A\($0)",
                statusSchema: Payload.string(String(repeating: "x", count: 20_000))
            )
        }
        node.orchestrators += (0..<5_000).map { OrchestratorAnnouncement(name: "B\($0)", statusSchema: nil) }
        var body = String(decoding: AnnouncementEnvelope.encode(node), as: UTF8.self)
        let schema = #""statusSchema":"\""# + String(repeating: "x", count: 20_000) + #"\"""#
        body.replace(#"{"name":"A1"}"#, with: #"{"name":"A1",\#(schema)}"#)
        let read = AnnouncementEnvelope.read(Array(body.utf8))
        #expect((read?.name.utf8.count).map { 200...1_024 ~= $0 } == true)
        #expect(read?.heartbeat == .seconds(60))
        #expect(read?.partitions.count == 1)
        #expect((read?.partitions.first?.trouble?.utf8.count).map { 200...4_096 ~= $0 } == true)
        #expect(read?.partitions.first?.activities == [])
        #expect(read?.orchestrators.prefix(2).map { $0.statusSchema != nil } == [true, false])
        #expect(read?.orchestrators.count == 1_000)
        node = announcement
        node.partitions = (-10..<5_000).map {
            PartitionAnnouncement(
                partition: PartitionNumber($0),
                role: .owner,
                holding: nil,
                log: nil,
                trouble: nil
            )
        }
        #expect(
            AnnouncementEnvelope.read(AnnouncementEnvelope.encode(node))?.partitions.map(\.partition.value)
                == Array(0..<1_024),
            "no hub has more"
        )
        node = announcement
        node.id = NodeID(rawValue: String(repeating: "n", count: 40_000))
        #expect(AnnouncementEnvelope.read(AnnouncementEnvelope.encode(node)) == nil)
        node = announcement
        node.partitions[0].holding?.journal = JournalID(rawValue: String(repeating: "j", count: 40_000))
        #expect(AnnouncementEnvelope.read(AnnouncementEnvelope.encode(node))?.partitions.map(\.partition.value) == [3])
    }

    @Test func aNewerReleaseMaySayMore() {
        let text =
            #"{"heartbeat":5,"id":"a","leaving":false,"name":"a","partitions":[{"partition":1,"role":"x"}],"more":1}"#
        let read = AnnouncementEnvelope.read(Array(text.utf8))
        #expect(read?.partitions.first?.role == PartitionAnnouncement.Role.none)
    }
}
