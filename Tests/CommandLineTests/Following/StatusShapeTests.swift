import RepriseKernel
import Testing
import reprise_cli

@Suite struct StatusShapeTests {
    private func shape(_ json: String) -> StatusShape { StatusShape(Payload(trusted: Array(json.utf8))) }
    private func lines(_ json: String) -> [String] { shape(json).lines(width: 10) }

    @Test func nothingAndTexts() {
        #expect(shape("null") == .nothing)
        #expect(shape(#""Tokyo""#) == .text("Tokyo"))
        #expect(shape("12") == .text("12"))
        #expect(shape("true") == .text("true"))
        #expect(lines(#""Tokyo""#) == [])
    }

    @Test func aNumberOutOfATotalIsABar() {
        #expect(lines(#"{"done": 3, "total": 5}"#) == ["[██████░░░░]  60 %  3 of 5"])
        #expect(lines(#"{"Completed": 7, "of": 5}"#) == ["[██████████] 100 %  7 of 5"])
        #expect(lines(#"{"page": 2, "of": 8, "note": "scanned"}"#).first == "[██░░░░░░░░]  25 %  2 of 8")
        #expect(lines(#"{"percent": 25}"#) == ["[██░░░░░░░░]  25 %"])
        #expect(
            lines(#"{"step": 1.5, "total": 3, "stage": "packing"}"#) == [
                "[█████░░░░░]  50 %  1.5 of 3", "stage: packing",
            ]
        )
        #expect(shape(#"{"step": 1, "total": 3, "stage": "packing"}"#).line == "1 of 3 · stage: packing")
    }

    @Test(arguments: [
        #"{"done": 3}"#, #"{"total": 3}"#, #"{"done": 3, "total": 0}"#, #"{"done": "3", "total": 5}"#,
        #"{"done": -1, "total": 5}"#, #"{"a": 1, "b": 2, "total": 5}"#, #"[3, 5]"#,
    ])
    func whatIsNone(_ json: String) {
        #expect(!lines(json).contains { $0.contains("%") })
    }

    @Test func anythingElseIsATree() {
        #expect(
            lines(#"{"b": {"x": 1, "y": [1, "two"]}, "a": [], "c": [{"done": 1, "total": 2}]}"#)
                == [
                    "a: ", "b:", "  x: 1", "  y: 1, two", "c:", "  0: [██████████░░░░░░░░░░]  50 %  1 of 2",
                ]
        )
        #expect(shape(#"{"b": {"x": 1}, "a": [1, [2]]}"#).line == "a: [1, 2] · b: {x: 1}")
    }

    @Test func aTallTreeIsCut() {
        let json = "{" + (0..<30).map { "\"key\($0)\": \($0)" }.joined(separator: ",") + "}"
        var story = InstanceTimeline()
        var status = InstanceTimeline.sampleStatus
        status.customStatus = Payload(trusted: Array(json.utf8))
        _ = story.learn(status)
        let lines = TimelineLine.live(story, of: InstanceID(trusted: "trip"), after: .zero, tick: 0)
        #expect(lines.count == 9)
        #expect(lines.last == "  … 23 more")
    }
}

extension InstanceTimeline {
    fileprivate static var sampleStatus: InstanceStatus {
        InstanceStatus(
            instance: InstanceID(trusted: "trip"),
            name: "Trip",
            incarnation: 1,
            version: 3,
            runtimeStatus: .running,
            input: .null,
            customStatus: .null,
            output: .null,
            failure: nil,
            createdTime: Timestamp(milliseconds: 0),
            lastUpdatedTime: Timestamp(milliseconds: 0),
            partition: PartitionNumber(0),
            sequence: 1
        )
    }
}
