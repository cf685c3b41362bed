import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseStatus

@Suite struct StoryTests {
    private static let id = InstanceID.of("a")

    /// A life with everything in it, and how it stood after each message.
    private static func life() -> (messages: [StatusMessage], states: [String]) {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        let messages = [
            partition.start(id, .scheduled, input: .json("1")), partition.change(id, .started, payload: .json("1")),
            partition.change(id, .customStatusSet, payload: .json(#""Tokyo""#)),
            partition.change(id, .suspended, payload: .json(#""why""#)),
            partition.change(id, .resumed), partition.change(id, .customStatusSet, payload: .null),
            partition.change(id, .customStatusSet, payload: .json(#"{"stage":"shipped"}"#)),
            partition.change(id, .completed, payload: .json("[1]")),
        ]
        let states = [
            "1 Pending null", "2 Running null", #"3 Running "Tokyo""#, #"4 Suspended "Tokyo""#, #"5 Running "Tokyo""#,
            "6 Running null", #"7 Running {"stage":"shipped"}"#, #"8 Completed {"stage":"shipped"}"#,
        ]
        return (messages, states)
    }

    private static func states(_ story: StatusTimeline?) -> [String] {
        (story?.changes ?? []).map {
            "\($0.status.version) \($0.status.runtimeStatus.rawValue) \($0.status.customStatus.text)"
        }
    }

    @Test func aStoryHasEveryChangeAsItWas() async throws {
        try await withModel { model in
            let (messages, states) = Self.life()
            _ = try await model.apply(messages)
            let story = try #require(try await model.timeline(of: Self.id, after: 0, limit: 100))
            #expect(Self.states(story) == states)
            #expect(story.changes.last?.status.output == .json("[1]"))
            #expect(story.changes.dropLast().allSatisfy { $0.status.output.isNull })
            let page = try #require(try await model.timeline(of: Self.id, after: 2, limit: 3))
            #expect(Self.states(page) == Array(states[2..<5]) && page.isCut)
            #expect(try await model.timeline(of: .of("b"), after: 0, limit: 100) == nil)
        }
    }

    /// Messages may come in any order, in batches of any size: the story is the same.
    @Test(arguments: 1...40) func theOrderOfMessagesDoesNotMatter(seed: UInt64) async throws {
        try await withModel { model in
            var random = SeededRandom(seed: seed)
            let (messages, states) = Self.life()
            var left = messages.shuffled(using: &random)
            while !left.isEmpty {
                let batch = left.prefix(Int.random(in: 1...3, using: &random))
                left.removeFirst(batch.count)
                _ = try await model.apply(Array(batch))
            }
            #expect(Self.states(try await model.timeline(of: Self.id, after: 0, limit: 100)) == states)
        }
    }

    @Test func aNewIncarnationBeginsANewStoryAndAPurgeEndsIt() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            _ = try await model.apply([
                partition.start(Self.id), partition.change(Self.id, .customStatusSet, payload: .json("1")),
                partition.change(Self.id, .completed),
            ])
            let again = partition.start(Self.id)
            _ = try await model.apply([again])
            let story = try #require(try await model.timeline(of: Self.id, after: 0, limit: 100))
            #expect(story.changes.map(\.kind) == [.started])
            #expect(story.current.incarnation == again.incarnation)
            // Who has followed the former one hears the new one from its beginning.
            let former = try await model.timeline(
                of: Self.id,
                incarnation: again.incarnation.previous,
                after: 3,
                limit: 100
            )
            #expect(former?.changes.map(\.kind) == [.started])

            let position = try await model.streamPosition()
            _ = try await model.apply([partition.change(Self.id, .completed), partition.change(Self.id, .purged)])
            #expect(try await model.timeline(of: Self.id, after: 0, limit: 100) == nil)
            let lines = try await model.stream(after: position, limit: 100)
            #expect(lines.map(\.change.kind) == [.purged], "what it said last went with it")
            #expect(lines.last?.position.sequences == [6])
        }
    }

    @Test func whatThePartitionStillHasFillsAGap() async throws {
        try await withModel { model in
            let (messages, states) = Self.life()
            _ = try await model.apply([messages[0], messages[6], messages[7]])
            let current = try #require(try await model.get(Self.id))
            let time = Timestamp(milliseconds: 5)
            let history: [HistoryRecord] = [
                HistoryRecord(
                    .executionScheduled(ExecutionStart(name: "Hello", input: .json("1"))),
                    time: time,
                    version: 1
                ),
                HistoryRecord(.executionStarted(name: "Hello", input: .json("1")), time: time, version: 2),
                HistoryRecord(.eventRaised(name: "unseen", .null), time: time),
                HistoryRecord(.customStatusSet(.json(#""Tokyo""#)), time: time, version: 3),
                HistoryRecord(.executionSuspended(reason: .null), time: time, version: 4),
                HistoryRecord(.executionResumed(reason: .null), time: time, version: 5),
                HistoryRecord(.customStatusSet(.null), time: time, version: 6),
                HistoryRecord(.customStatusSet(.json("0")), time: time, version: 7),
            ]
            try await model.fill(current, from: history)
            #expect(Self.states(try await model.timeline(of: Self.id, after: 0, limit: 100)) == states)
            var other = current
            other.incarnation += 1
            try await model.fill(other, from: [HistoryRecord(.customStatusSet(.null), time: time, version: 9)])
            #expect(try await model.timeline(of: Self.id, after: 8, limit: 100)?.changes.isEmpty == true)
        }
    }

    @Test func onlyTheNewestVersionsAreKeptWithWhatWasInForce() async throws {
        var kept = TimelineRetention()
        kept.ofInstance = 100
        try await withDirectory { directory in
            let model = try StatusModel(
                directory: directory,
                hub: try HubName("test"),
                partitionCount: 1,
                keeping: kept
            )
            var partition = PartitionDouble(partition: PartitionNumber(0))
            var messages = [partition.start(Self.id), partition.change(Self.id, .suspended)]
            for value in 1...500 {
                messages.append(partition.change(Self.id, .customStatusSet, payload: .json("\(value)")))
            }
            _ = try await model.apply(messages)
            let story = try #require(try await model.timeline(of: Self.id, after: 0, limit: 1000))
            #expect((100...110).contains(story.changes.count))
            #expect(story.changes.allSatisfy { $0.status.runtimeStatus == .suspended || $0.status.version == 1 })
            #expect(story.changes.last?.status.customStatus == .json("500"))
            #expect(story.changes[2].status.customStatus == .json("\(story.changes[2].status.version - 2)"))
        }
    }

    @Test func aMomentShowsWhatWasThere() async throws {
        try await withModel { model in
            let (messages, _) = Self.life()
            _ = try await model.apply(messages)
            let fourth = try #require(try await model.change(of: Self.id, at: .version(4)))
            #expect(fourth.kind == .suspended && fourth.status.customStatus == .json(#""Tokyo""#))
            #expect(try await model.change(of: Self.id, at: .time(messages[3].time)) == fourth)
            #expect(try await model.change(of: Self.id, at: .version(99))?.status.version == 8)
            #expect(try await model.change(of: Self.id, at: .time(Timestamp(milliseconds: 0))) == nil)
        }
    }

    // MARK: Of the whole hub

    /// Read in pages of any size, from wherever a page has ended, every line comes once.
    @Test(arguments: [1, 2, 7, 100]) func aStreamTellsEverythingOnce(pageSize: Int) async throws {
        try await withModel(partitionCount: 3) { model in
            var partitions = (0..<3).map { PartitionDouble(partition: PartitionNumber($0)) }
            var sent: Set<String> = []
            for number in 0..<30 {
                let id = InstanceID.of("i\(number)")
                let partition = PartitionNumber(of: id, count: 3).value
                var messages = [partitions[partition].start(id)]
                for value in 0..<(number % 4) {
                    messages.append(partitions[partition].change(id, .customStatusSet, payload: .json("\(value)")))
                }
                sent.formUnion(messages.map { "\($0.instance) \($0.version)" })
                _ = try await model.apply(messages)
            }
            var position = StreamPosition(sequences: [0, 0, 0])
            var told: [String] = []
            while true {
                let lines = try await model.stream(after: position, limit: pageSize)
                guard let last = lines.last else { break }
                told += lines.map { "\($0.change.status.instance) \($0.change.status.version)" }
                position = try #require(StreamPosition(last.position.description, partitionCount: 3))
            }
            #expect(told.count == sent.count && Set(told) == sent)
            #expect(try await model.streamPosition() == position)
        }
    }

    /// Large statuses make small pages, and none is left out; inputs come along where they are asked for, and only there.
    @Test func aPageHasABound() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            let input = Payload.string(String(repeating: "i", count: 1_000_000))
            let status = Payload.string(String(repeating: "s", count: 500_000))
            var messages = [partition.start(Self.id, input: input)]
            for _ in 1...30 { messages.append(partition.change(Self.id, .customStatusSet, payload: status)) }
            _ = try await model.apply(messages + [partition.change(Self.id, .purged)])
            _ = try await model.apply([partition.start(Self.id, input: input)])
            messages = (1...30).map { _ in partition.change(Self.id, .customStatusSet, payload: status) }
            _ = try await model.apply(messages)

            let story = try #require(try await model.timeline(of: Self.id, after: 0, limit: 1_000))
            #expect(story.isCut && (5...12).contains(story.changes.count))
            #expect(story.changes.allSatisfy { $0.status.input == input })
            for inputs in [false, true] {
                var position = StreamPosition(sequences: [0])
                var versions: [Int64] = []
                var pages = 0
                while true {
                    let lines = try await model.stream(after: position, limit: 1_000, includingInputs: inputs)
                    guard let last = lines.last else { break }
                    #expect(
                        lines.count <= 12
                            && lines.allSatisfy { $0.change.status.input.isNull != inputs || $0.change.kind == .purged }
                    )
                    versions += lines.map(\.change.status.version)
                    position = last.position
                    pages += 1
                }
                #expect(versions == [32] + Array(1...31) && pages > (inputs ? 7 : 2))
            }
        }
    }

    @Test func whatComesBehindAGapIsToldOnceTheGapIsClosed() async throws {
        try await withModel { model in
            let (messages, _) = Self.life()
            let beginning = StreamPosition(sequences: [0])
            _ = try await model.apply([messages[0], messages[2]])
            #expect(try await model.stream(after: beginning, limit: 100).map(\.change.status.version) == [1])
            _ = try await model.apply([messages[1]])
            #expect(try await model.stream(after: beginning, limit: 100).map(\.change.status.version) == [1, 2, 3])
        }
    }

    @Test func onlyPositionsOfThisHubAreRead() {
        #expect(StreamPosition("0", partitionCount: 4)?.sequences == [0, 0, 0, 0])
        #expect(StreamPosition("1.2.3.4", partitionCount: 4)?.description == "1.2.3.4")
        for text in ["", "1", "1.2.3", "1.2.3.4.5", "1.2.3.-4", "1.2.3.x", "1..3.4"] {
            #expect(StreamPosition(text, partitionCount: 4) == nil, "\(text)")
        }
    }
}
