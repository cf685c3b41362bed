import RepriseKernel
import Testing
import reprise_cli

@Suite struct InstanceTimelineTests {
    private static func message(
        _ kind: StatusMessage.Kind,
        _ version: Int64,
        of incarnation: Incarnation = 7,
        _ json: String = "null"
    ) -> StatusMessage {
        StatusMessage(
            kind: kind,
            instance: InstanceID(trusted: "trip"),
            name: "Trip",
            incarnation: incarnation,
            version: version,
            partition: PartitionNumber(0),
            sequence: 1,
            epoch: 1,
            time: .zero,
            createdTime: .zero,
            payload: Payload(trusted: Array(json.utf8))
        )
    }

    private static func status(_ version: Int64, of incarnation: Incarnation = 7, _ status: RuntimeStatus)
        -> InstanceStatus
    {
        InstanceStatus(
            instance: InstanceID(trusted: "trip"),
            name: "Trip",
            incarnation: incarnation,
            version: version,
            runtimeStatus: status,
            input: .null,
            customStatus: .string("asked"),
            output: .null,
            failure: nil,
            createdTime: .zero,
            lastUpdatedTime: .zero,
            partition: PartitionNumber(0),
            sequence: 1
        )
    }

    @Test func hearsEachVersionOnce() {
        var story = InstanceTimeline()
        #expect(story.hear(Self.message(.started, 1)) == .changed)
        #expect(story.hear(Self.message(.customStatusSet, 2, "\"Tokyo\"")) == .changed)
        #expect(story.hear(Self.message(.started, 1)) == .old)
        #expect(story.hear(Self.message(.customStatusSet, 2, "\"Tokyo\"")) == .old)
        #expect(story.customStatus.text == "\"Tokyo\"")
        #expect(!story.isEnded)
        #expect(story.hear(Self.message(.completed, 3, "[1]")) == .changed)
        #expect(story.isEnded)
        #expect(story.runtimeStatus == .completed)
        #expect(story.output.text == "[1]")
        #expect(story.customStatus.text == "\"Tokyo\"")
    }

    @Test func aGapIsNotPassedOver() {
        var story = InstanceTimeline()
        _ = story.hear(Self.message(.started, 1))
        #expect(story.hear(Self.message(.completed, 3)) == .gap)
        #expect(!story.isEnded)
        #expect(story.learn(Self.status(3, .completed)) == .changed)
        #expect(story.isEnded)
    }

    @Test func whatThePartitionSaysIsWhereLiveMessagesGoOn() {
        var story = InstanceTimeline()
        #expect(story.learn(Self.status(4, .running)) == .changed)
        #expect(story.hear(Self.message(.customStatusSet, 4)) == .old)
        #expect(story.hear(Self.message(.terminated, 5, "\"enough\"")) == .changed)
        #expect(story.learn(Self.status(4, .running)) == .old)
        #expect(story.runtimeStatus == .terminated)
    }

    @Test func aNewIncarnationBeginsAnew() {
        var story = InstanceTimeline()
        _ = story.learn(Self.status(9, .completed))
        #expect(story.hear(Self.message(.completed, 2, of: 8)) == .gap)
        #expect(story.hear(Self.message(.started, 1, of: 8)) == .changed)
        #expect(story.customStatus.isNull)
        #expect(story.hear(Self.message(.purged, 10, of: 7)) == .old)
    }

    @Test func purgedIsAnEnd() {
        var story = InstanceTimeline()
        _ = story.learn(Self.status(9, .completed))
        _ = story.hear(Self.message(.purged, 10))
        #expect(story.isPurged)
        #expect(TimelineLine.word(story) == "Purged")
    }

    @Test func lines() {
        var story = InstanceTimeline()
        #expect(
            TimelineLine.live(story, of: InstanceID(trusted: "trip"), after: .milliseconds(20), tick: 0)
                == ["⠋ trip  0.02 s  v0  Starting"]
        )
        _ = story.hear(Self.message(.started, 1))
        #expect(TimelineLine.change(story, after: .milliseconds(31)) == "0.03 s   v1    Running")
        _ = story.hear(Self.message(.customStatusSet, 2, "{\n\"a\":1}"))
        #expect(TimelineLine.change(story, after: .seconds(61)) == "1 min 01 s  v2    Running     { \"a\":1}")
        #expect(
            TimelineLine.live(story, of: InstanceID(trusted: "trip"), after: .seconds(2), tick: 11)
                == ["⠙ trip  2.00 s  v2  Running", "  a: 1"]
        )
        #expect(TimelineLine.timeline(story, after: .seconds(61)) == "1 min 01 s  v2    Running     a: 1")
    }
}
