import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseStatus

@Suite struct StatusRecordTests {
    let id = InstanceID.of("a")

    @Test func aLifeAsItIsTold() {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        var record = StatusRecord(partition.start(id, input: .json(#"{"n":1}"#)))
        #expect(record.status.runtimeStatus == .running)
        #expect(record.status.input == .json(#"{"n":1}"#))

        record = record.merging(partition.change(id, .customStatusSet, payload: .json(#""Tokyo""#)))
        #expect(record.status.customStatus == .json(#""Tokyo""#))

        record = record.merging(partition.change(id, .suspended, payload: .json(#""tea""#)))
        #expect(record.status.runtimeStatus == .suspended)
        #expect(record.status.output.isNull)

        record = record.merging(partition.change(id, .resumed))
        record = record.merging(partition.change(id, .completed, payload: .json("[1]")))
        #expect(record.status == partition.instances[id]!.status)
    }

    @Test func whoeverCleansUpIsRunningUntilItIsCanceled() {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        var record = StatusRecord(partition.start(id))
        record = record.merging(partition.change(id, .cancelRequested, payload: .json(#""tea""#)))
        #expect(record.status.runtimeStatus == .running && record.status.output.isNull)
        #expect(record.status.version == 2)
        record = record.merging(partition.change(id, .canceled, payload: .json(#""tea""#)))
        #expect(record.status == partition.instances[id]!.status)
        #expect(record.status.runtimeStatus == .canceled && record.status.output == .json(#""tea""#))
    }

    @Test func falsyStatusesAreValuesAndNullClears() {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        var record = StatusRecord(partition.start(id))
        for text in ["false", "0", "\"\"", "[]", "{}"] {
            record = record.merging(partition.change(id, .customStatusSet, payload: .json(text)))
            #expect(record.status.customStatus == .json(text))
        }
        record = record.merging(partition.change(id, .customStatusSet, payload: .null))
        #expect(record.status.customStatus.isNull)
    }

    @Test func anOutputBeforeItsStartIsKept() {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        let started = partition.start(id, input: .json("7"))
        let set = partition.change(id, .customStatusSet, payload: .json("1"))
        let completed = partition.change(id, .completed, payload: .json("49"))
        let record = StatusRecord(completed).merging(set).merging(started)
        #expect(record.status == partition.instances[id]!.status)
    }

    @Test func continueAsNewKeepsTheCustomStatusAndTakesTheNewInput() {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        let started = partition.start(id, input: .json("1"))
        let set = partition.change(id, .customStatusSet, payload: .json(#""half""#))
        let again = partition.change(id, .continuedAsNew, payload: .json("2"))
        for order in [[started, set, again], [again, set, started], [set, again, started]] {
            let record = order.dropFirst().reduce(StatusRecord(order[0])) { $0.merging($1) }
            #expect(record.status.input == .json("2"))
            #expect(record.status.customStatus == .json(#""half""#))
            #expect(record.status.runtimeStatus == .running)
        }
    }

    @Test func aScheduledInstanceIsPendingUntilItStarts() {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        let traits = InstanceTraits(
            version: "2",
            tags: ["city": "Tokyo"],
            startTime: Timestamp(milliseconds: 1_600_000_003_000)
        )
        let scheduled = partition.start(id, .scheduled, input: .json("7"), traits: traits)
        let pending = StatusRecord(scheduled)
        #expect(pending.status == partition.instances[id]!.status)
        #expect(pending.status.runtimeStatus == .pending)
        #expect(pending.status.traits == traits)

        let suspended = partition.change(id, .suspended)
        let started = partition.change(id, .started, payload: .json("7"))
        for order in [[scheduled, suspended, started], [started, suspended, scheduled]] {
            let record = order.dropFirst().reduce(StatusRecord(order[0])) { $0.merging($1) }
            #expect(record.status.runtimeStatus == .running)
            #expect(record.status.traits == traits)
        }
    }

    /// It was suspended while it waited for its time, and resumed: it waits for its time again.
    @Test func whatIsResumedBeforeItsTimeIsPending() {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        let traits = InstanceTraits(startTime: Timestamp(milliseconds: 1_600_000_004_000))
        let scheduled = partition.start(id, .scheduled, traits: traits)
        let suspended = partition.change(id, .suspended)
        let resumed = partition.change(id, .resumed)
        for order in [[scheduled, suspended, resumed], [resumed, suspended, scheduled]] {
            let record = order.dropFirst().reduce(StatusRecord(order[0])) { $0.merging($1) }
            #expect(record.status.runtimeStatus == .pending)
        }
        let record = [scheduled, suspended, resumed].dropFirst().reduce(StatusRecord(scheduled)) { $0.merging($1) }
        #expect(record.merging(partition.change(id, .started)).status.runtimeStatus == .running)
    }

    @Test func anEntityIsItsState() throws {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        let counter = try EntityID("Counter", "a").instance
        let record = StatusRecord(partition.start(counter, .entityChanged, input: .json("1")))
            .merging(partition.change(counter, .entityChanged, payload: .json("2")))
        #expect(record.status.customStatus == .json("2"))
        #expect(record.status.runtimeStatus == .running)
        #expect(record.status.name == "counter")
        #expect(record.merging(partition.change(counter, .purged)).isPurged)
    }

    @Test func aFailureIsShownAsItsText() {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        let started = partition.start(id)
        var failed = partition.change(id, .failed)
        failed.failure = Failure(type: "Boom", message: "it \"broke\"")
        let record = StatusRecord(started).merging(failed)
        #expect(record.status.output == .json(#""Boom: it \"broke\"""#))
        #expect(record.status.failure == failed.failure)
    }

    @Test func nothingLateResurrectsAPurgedInstance() {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        let started = partition.start(id)
        let completed = partition.change(id, .completed)
        let snapshot = partition.instances[id]!.status
        let purged = partition.change(id, .purged)
        let tombstone = StatusRecord(purged)
        #expect(tombstone.isPurged)
        #expect(tombstone.merging(started).merging(completed).merging(snapshot).isPurged)

        let second = partition.start(id, input: .json("2"))
        let record = tombstone.merging(second)
        #expect(!record.isPurged)
        #expect(record.merging(purged).merging(started).merging(snapshot) == record)
    }

    /// Whatever order and however often the messages of an instance come, with or without snapshots between them, the
    /// record is the one that the partition itself would show.
    @Test(arguments: UInt64(1)...300)
    func permutationsAndRepeatsConverge(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var partition = PartitionDouble(partition: PartitionNumber(0))
        var messages: [StatusMessage] = []
        var snapshots: [InstanceStatus] = []
        for life in 0..<Int.random(in: 1...3, using: &random) {
            let traits = InstanceTraits(tags: ["life": "\(life)"], parent: life == 0 ? .of("parent") : nil)
            messages.append(partition.start(id, .scheduled, input: .json("\(life)"), traits: traits))
            messages.append(partition.change(id, .started, payload: .json("\(life)")))
            for step in 0..<Int.random(in: 0...6, using: &random) {
                let kind: StatusMessage.Kind = [.customStatusSet, .suspended, .resumed, .continuedAsNew]
                    .randomElement(using: &random)!
                messages.append(partition.change(id, kind, payload: .json("\(life * 10 + step)")))
                if Bool.random(using: &random) { snapshots.append(partition.instances[id]!.status) }
            }
            messages.append(partition.change(id, .completed, payload: .json("\(life)")))
            if Int.random(in: 0...2, using: &random) == 0 { messages.append(partition.change(id, .purged)) }
        }
        let truth = partition.instances[id]?.status

        let repeated = messages + messages.filter { _ in Bool.random(using: &random) }
        let inOrder = messages.dropFirst().reduce(StatusRecord(messages[0])) { $0.merging($1) }
        let shuffled = repeated.shuffled(using: &random)
        let record = shuffled.dropFirst().reduce(StatusRecord(shuffled[0])) { $0.merging($1) }
        #expect(record == inOrder, "seed \(seed)")

        var mixed = StatusRecord(shuffled[0])
        for message in shuffled {
            mixed = mixed.merging(message)
            if let snapshot = snapshots.randomElement(using: &random) { mixed = mixed.merging(snapshot) }
        }
        if let truth {
            #expect(mixed.status == truth, "seed \(seed)")
        } else {
            #expect(mixed.isPurged, "seed \(seed)")
        }
    }
}
