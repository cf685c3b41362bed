import GRDB
import Logging
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseStatus

@Suite struct StatusProjectorTests {
    /// Pauses take no time; the regular comparison never comes by itself.
    static var pace: ProjectorPace {
        var pace = ProjectorPace()
        pace.pageSize = 3
        pace.sleep = { duration in
            if duration >= .seconds(60) {
                try await Task.sleep(for: .seconds(3600))
            } else {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
        return pace
    }

    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func expectTruth(_ model: StatusModel, _ hub: HubDouble, _ comment: Comment? = nil) async throws {
        let truth = hub.partitions.withLock { partitions in
            Dictionary(uniqueKeysWithValues: partitions.flatMap { $0.instances.map { ($0.key, $0.value.status) } })
        }
        #expect(try await model.everything() == truth, comment)
    }

    private func projector(_ model: StatusModel, _ hub: HubDouble) -> StatusProjector {
        StatusProjector(model: model, client: hub, pace: Self.pace, logger: quiet)
    }

    @Test func anEmptyModelIsFilledFromThePartitions() async throws {
        let hub = HubDouble()
        hub.change { partition in for number in 0..<10 { _ = partition.start(.of("i-\(number)")) } }
        try await withModel { model in
            try await projector(model, hub).reconcile(PartitionNumber(0)) { _ in }
            try await expectTruth(model, hub)
            #expect(hub.sweptPages == 4)
            #expect(try await model.appliedPositions().map(\.applied) == [10])
        }
    }

    @Test func aModelThatMissedNothingAsksForNoInstances() async throws {
        let hub = HubDouble()
        let messages = hub.change { partition in (0..<10).map { partition.start(.of("i-\($0)")) } }
        try await withModel { model in
            let projector = projector(model, hub)
            try await projector.apply(messages)
            try await projector.reconcile(PartitionNumber(0)) { _ in }
            #expect(hub.sweptPages == 0)
        }
    }

    @Test func messagesStillOnTheirWayAreWaitedFor() async throws {
        let hub = HubDouble()
        let messages = hub.change { partition in (0..<10).map { partition.start(.of("i-\($0)")) } }
        try await withModel { model in
            let projector = projector(model, hub)
            // The first half is there; the second comes while the projector compares.
            try await projector.apply(Array(messages[..<5]))
            hub.onAsk { _, _ in
                try? await projector.apply(Array(messages[5...]))
                return nil
            }
            try await projector.reconcile(PartitionNumber(0)) { _ in }
            #expect(hub.sweptPages == 0)
            try await expectTruth(model, hub)
        }
    }

    @Test func aGapIsClosedByASweepThatAlsoRemovesWhatWasPurgedUnheard() async throws {
        let hub = HubDouble()
        let messages = hub.change { partition in
            var messages = (0..<5).map { partition.start(.of("i-\($0)")) }
            messages.append(partition.change(.of("i-1"), .completed))
            messages.append(partition.change(.of("i-1"), .purged))
            messages.append(partition.change(.of("i-2"), .customStatusSet, payload: .json("2")))
            messages.append(partition.change(.of("i-3"), .customStatusSet, payload: .json("3")))
            return messages
        }
        try await withModel { model in
            let projector = projector(model, hub)
            try await projector.apply(Array(messages[..<5]))
            try await projector.apply([messages[8]])
            #expect(try await model.get(.of("i-3"))?.customStatus == .json("3"), "live messages are applied at once")
            #expect(try await model.get(.of("i-1")) != nil)
            try await projector.reconcile(PartitionNumber(0)) { _ in }
            try await expectTruth(model, hub)
            // What was missing comes after all, and changes nothing.
            try await projector.apply(messages)
            try await expectTruth(model, hub)
        }
    }

    /// A page that was read before a purge and arrives behind it must not bring the instance back.
    @Test func aPageFromBeforeAPurgeDoesNotResurrect() async throws {
        let hub = HubDouble()
        let messages = hub.change { partition in (0..<7).map { partition.start(.of("i-\($0)")) } }
        try await withModel { model in
            let projector = projector(model, hub)
            let stale = InstancePage(
                statuses: hub.change { partition in partition.instances.values.map(\.status) },
                next: nil,
                sequence: 7
            )
            try await projector.apply(messages)
            try await projector.apply([hub.change { $0.change(.of("i-4"), .purged) }])
            let sweep = try await model.beginSweep(of: PartitionNumber(0))
            #expect(try await model.merge(stale, of: PartitionNumber(0), sweep: sweep) == .caughtUp)
            try await expectTruth(model, hub)
        }
    }

    @Test func aPartitionWithoutAnOwnerHoldsNobodyUp() async throws {
        let hub = HubDouble(partitionCount: 2)
        let ids = (0..<40).map { InstanceID.of("i-\($0)") }
        let away = ids.filter { PartitionNumber(of: $0, count: 2).value == 0 }
        let here = ids.filter { PartitionNumber(of: $0, count: 2).value == 1 }
        let lost = hub.change(0) { partition in away.map { partition.start($0) } }
        hub.change(1) { partition in for id in here { _ = partition.start(id) } }
        let isBack = Mutex(false)
        hub.onAsk { partition, _ in partition.value == 0 && !isBack.withLock { $0 } ? "no owner" : nil }
        try await withModel(partitionCount: 2) { model in
            let projector = projector(model, hub)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await projector.run() }
                try await until("all are known") { try await model.countByStatus()[.running] == here.count }
                // Its messages are heard although no one answers for it.
                try await projector.apply([lost[3], lost[7]])
                #expect(try await model.get(away[7]) != nil)
                isBack.withLock { $0 = true }
                try await until("all run") { try await model.countByStatus()[.running] == ids.count }
                group.cancelAll()
            }
            try await expectTruth(model, hub)
        }
    }

    @Test func aGapIsClosedWhileTheServiceRuns() async throws {
        let hub = HubDouble()
        try await withModel { model in
            let projector = projector(model, hub)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await projector.run() }
                let messages = hub.change { partition in (0..<9).map { partition.start(.of("i-\($0)")) } }
                try await projector.apply([messages[0], messages[8]])
                try await until("the sweep is over") { try await model.appliedPositions()[0].run == nil }
                // Nothing follows this one: only the announcement that messages may have been missed tells of it.
                hub.change { _ = $0.start(.of("last")) }
                await projector.mayHaveMissed()
                try await until("the last is known") { try await model.get(.of("last")) != nil }
                group.cancelAll()
            }
            try await expectTruth(model, hub)
        }
    }

    @Test func anotherJournalStartsThePartitionOver() async throws {
        let hub = HubDouble()
        let old = hub.change { partition in (0..<30).map { partition.start(.of("old-\($0)")) } }
        try await withModel { model in
            let projector = projector(model, hub)
            try await projector.apply(old)
            try await projector.reconcile(PartitionNumber(0)) { _ in }
            // The hub was deleted and made again: its numbers begin again.
            hub.change { partition in
                partition = PartitionDouble(partition: PartitionNumber(0))
                partition.journal = "journal-2"
                for number in 0..<40 { _ = partition.start(.of("new-\(number)")) }
            }
            try await projector.reconcile(PartitionNumber(0)) { _ in }
            try await expectTruth(model, hub)
        }
    }

    @Test func aRebuildFillsADeletedModelAndTellsHowFarItIs() async throws {
        let hub = HubDouble(partitionCount: 4)
        for number in 0..<50 {
            let id = InstanceID.of("i-\(number)")
            hub.change(PartitionNumber(of: id, count: 4).value) { _ = $0.start(id) }
        }
        try await withModel(partitionCount: 4) { model in
            let told = Mutex<[StatusProjector.RebuildEvent]>([])
            let projector = projector(model, hub)
            for _ in 0..<2 {
                try await projector.rebuild { progress in told.withLock { $0.append(progress) } }
                try await expectTruth(model, hub)
            }
            let done = told.withLock { $0.compactMap { if case .done(_, let count) = $0 { count } else { nil } } }
            #expect(done.count == 8)
            #expect(done.reduce(0, +) == 100)
        }
    }

    /// The world goes on while partitions are swept: messages are lost, repeated, reordered and late, instances start,
    /// end, are purged and start again. Whatever happened, the model ends up with what the partition holds.
    @Test(arguments: UInt64(1)...60)
    func anyHistoryConverges(seed: UInt64) async throws {
        let hub = HubDouble()
        let world = Mutex(World(seed: seed))
        try await withModel { model in
            let projector = projector(model, hub)
            @Sendable func step() async {
                let batch = world.withLock { world in hub.partitions.withLock { world.step(&$0[0]) } }
                _ = try? await model.apply(batch)
            }
            for _ in 0..<10 { await step() }
            hub.onAsk { _, _ in
                await step()
                return world.withLock { $0.isAway() } ? "no owner" : nil
            }
            for _ in 0..<3 {
                try await projector.reconcile(PartitionNumber(0)) { _ in }
                for _ in 0..<5 { await step() }
            }
            world.withLock { $0.isCalm = true }
            try await projector.reconcile(PartitionNumber(0)) { _ in }
            try await expectTruth(model, hub, "seed \(seed)")
            // What was held back all the time comes at last.
            _ = try await model.apply(world.withLock { $0.late })
            try await expectTruth(model, hub, "seed \(seed), late messages")
            let rows = try await model.pool.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM instances WHERE purged = 1")
            }
            #expect(rows == 0, "seed \(seed), tombstones")
        }
    }
}

/// A partition that lives on at random, and a network that treats its messages badly.
private struct World {
    var random: SeededRandom
    var late: [StatusMessage] = []
    var isCalm = false

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func isAway() -> Bool { !isCalm && Int.random(in: 0..<6, using: &random) == 0 }

    mutating func step(_ partition: inout PartitionDouble) -> [StatusMessage] {
        guard !isCalm else { return [] }
        var batch: [StatusMessage] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let id = InstanceID.of("i-\(Int.random(in: 0..<8, using: &random))")
            let message: StatusMessage
            if let status = partition.instances[id]?.status {
                if status.runtimeStatus.isEnded {
                    message = Bool.random(using: &random) ? partition.change(id, .purged) : partition.start(id)
                } else {
                    let kind: StatusMessage.Kind = [.customStatusSet, .suspended, .resumed, .completed]
                        .randomElement(using: &random)!
                    message = partition.change(id, kind, payload: .json("\(partition.sequence)"))
                }
            } else {
                message = partition.start(id, input: .json("\(partition.sequence)"))
            }
            switch Int.random(in: 0..<10, using: &random) {
            case 0: break
            case 1: late.append(message)
            case 2: batch += [message, message]
            default: batch.append(message)
            }
        }
        if Int.random(in: 0..<3, using: &random) == 0, let old = late.popLast() { batch.append(old) }
        return batch.shuffled(using: &random)
    }
}
