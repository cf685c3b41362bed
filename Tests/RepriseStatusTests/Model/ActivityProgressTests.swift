import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseStatus

/// What activities say, as long as it is true: until the task, its instance or the partition's owner is another.
@Suite struct ActivityProgressTests {
    private let a = InstanceID.of("a")

    private func said(
        _ json: String?,
        task: Int64 = 1,
        incarnation: Incarnation = 1,
        epoch: Epoch = 1,
        attempt: Int = 1
    ) -> ProgressMessage {
        ProgressMessage(
            instance: a,
            name: "Hello",
            incarnation: incarnation,
            partition: PartitionNumber(0),
            epoch: epoch,
            activity: "Pack",
            task: TaskID(task),
            attempt: attempt,
            time: Timestamp(milliseconds: 5),
            value: json.map { .json($0) }
        )
    }

    private func shown(_ model: StatusModel) async throws -> [String] {
        try await model.activityProgress(of: a).map { "\($0.task) \($0.attempt) \($0.value.text)" }
    }

    @Test func theNewestOfEachTaskIsShownUntilItEnds() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            _ = try await model.apply([partition.start(a)])
            try await model.note([said("1"), said("5", task: 2), said("2", attempt: 2)])
            #expect(try await shown(model) == ["1 2 2", "2 1 5"])
            try await model.note([said(nil, attempt: 2)])
            #expect(try await shown(model) == ["2 1 5"])
        }
    }

    @Test func itEndsWithItsInstance() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            _ = try await model.apply([partition.start(a)])
            try await model.note([said("1")])
            _ = try await model.apply([partition.change(a, .completed)])
            #expect(try await shown(model).isEmpty)
        }
    }

    /// The id is used again before anything was heard of the first one's end.
    @Test func anotherIncarnationShowsNothingOfTheFormer() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            _ = try await model.apply([partition.start(a)])
            try await model.note([said("1")])
            let end = partition.change(a, .completed)
            _ = try await model.apply([end, partition.start(a)])
            #expect(try await shown(model).isEmpty)
        }
    }

    /// The new owner does not know what the old one has told, and so cannot take it back.
    @Test func itEndsWithTheOwnerThatSaidIt() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            _ = try await model.apply([partition.start(a)])
            try await model.note([said("1"), said("2", task: 2)])
            try await model.note([said("3", task: 2, epoch: 2)])
            #expect(try await shown(model) == ["2 1 3"])
            partition.epoch = 3
            _ = try await model.apply([partition.change(a, .customStatusSet, payload: .json("1"))])
            #expect(try await shown(model).isEmpty)
            try await model.note([said("4", epoch: 2)])
            #expect(try await shown(model).isEmpty, "an owner that is none any more")
        }
    }

    @Test func whatMayBeOverIsForgotten() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            _ = try await model.apply([partition.start(a)])
            try await model.note([said("1")])
            try await model.forgetActivityProgress()
            #expect(try await shown(model).isEmpty)
        }
    }

    @Test func whoWaitsForNewsIsWoken() async throws {
        try await withModel { model in
            var changes = model.changes(of: a).makeAsyncIterator()
            try await model.note([said("1")])
            #expect(await changes.next() != nil)
        }
    }
}
