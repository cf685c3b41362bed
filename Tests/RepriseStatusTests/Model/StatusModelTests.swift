import Foundation
import GRDB
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseStatus

@Suite struct StatusModelTests {
    // MARK: The file

    @Test func aModelKeepsItsIdentityAndItsRows() async throws {
        try await withDirectory { directory in
            let hub = try HubName("test")
            var partition = PartitionDouble(partition: PartitionNumber(0))
            let first = try StatusModel(directory: directory, hub: hub, partitionCount: 1)
            _ = try await first.apply([partition.start(.of("a"), input: .json(#"{"å": [1, 2 ]}"#))])
            let gateway = first.gateway

            let second = try StatusModel(directory: directory, hub: hub, partitionCount: 1)
            #expect(second.gateway == gateway)
            #expect(try await second.get(.of("a")) == partition.instances[.of("a")]?.status)
            #expect(try await second.appliedPositions().map(\.applied) == [1])
        }
    }

    /// The first release's file lacks columns: it is emptied, and what it held comes from the nodes.
    @Test func anEarlierReleasesFileIsFilledAgain() async throws {
        try await withDirectory { directory in
            let hub = try HubName("test")
            let gateway: String
            do {
                let model = try StatusModel(directory: directory, hub: hub, partitionCount: 1)
                gateway = model.gateway
                var partition = PartitionDouble(partition: PartitionNumber(0))
                _ = try await model.apply([partition.start(.of("a"))])
                try await model.pool.write { db in
                    try db.execute(
                        sql: """
                            DROP INDEX instances_by_parent;
                            DROP INDEX instances_by_creation;
                            DROP INDEX instances_by_change;
                            DROP INDEX instances_by_status;
                            DROP INDEX instances_by_status_and_creation;
                            ALTER TABLE instances DROP COLUMN tags;
                            ALTER TABLE instances DROP COLUMN parent;
                            PRAGMA user_version = 1;
                            """
                    )
                }
                try model.close()
            }
            let model = try StatusModel(directory: directory, hub: hub, partitionCount: 1)
            #expect(model.gateway == gateway, "its queue keeps its name")
            #expect(try await model.appliedPositions().map(\.applied) == [0])
            #expect(try await model.get(.of("a")) == nil)
            var partition = PartitionDouble(partition: PartitionNumber(0))
            let traits = InstanceTraits(version: "1", tags: ["city": "Tokyo"], parent: .of("b"))
            _ = try await model.apply([partition.start(.of("a"), traits: traits)])
            #expect(try await model.get(.of("a"))?.traits == traits)
        }
    }

    @Test func aModelOfAnotherHubOrPartitionCountIsRefused() async throws {
        try await withDirectory { directory in
            _ = try StatusModel(directory: directory, hub: HubName("one"), partitionCount: 4)
            for (hub, count) in [("two", 4), ("one", 8)] {
                let error = #expect(throws: StatusModelError.self) {
                    try StatusModel(directory: directory, hub: HubName(hub), partitionCount: count)
                }
                #expect(error?.code == .otherHub)
                #expect(error?.description.contains("the hub 'one' with 4 partitions") == true)
                #expect(error?.description.contains("delete") == true)
            }
        }
    }

    @Test func aDamagedFileIsNamedAndSaidToBeDeletable() async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data(repeating: 0x5A, count: 20_000).write(to: URL(fileURLWithPath: directory + "/status.sqlite"))
            let error = #expect(throws: StatusModelError.self) {
                try StatusModel(directory: directory, hub: HubName("one"), partitionCount: 4)
            }
            #expect(error?.code == .damaged)
            #expect(error?.description.contains("status.sqlite* and start again") == true)
        }
    }

    @Test func aTornPageIsFoundWhenTheFileIsOpened() async throws {
        try await withDirectory { directory in
            let hub = try HubName("test")
            do {
                let model = try StatusModel(directory: directory, hub: hub, partitionCount: 1)
                var partition = PartitionDouble(partition: PartitionNumber(0))
                let messages = (0..<500).map { partition.start(.of("instance-\($0)")) }
                _ = try await model.apply(messages)
                try model.close()
            }
            let file = directory + "/status.sqlite"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            for at in stride(from: 5 * 4096, to: bytes.count, by: 4096) {
                bytes.replaceSubrange(at..<(at + 64), with: Data(repeating: 0xFF, count: 64))
            }
            try bytes.write(to: URL(fileURLWithPath: file))
            let error = #expect(throws: StatusModelError.self) {
                try StatusModel(directory: directory, hub: hub, partitionCount: 1)
            }
            #expect(error?.code == .damaged)
        }
    }

    @Test func aLaterReleasesFileAndAStrangersAreRefused() async throws {
        try await withDirectory { directory in
            let hub = try HubName("one")
            do {
                let model = try StatusModel(directory: directory, hub: hub, partitionCount: 4)
                try await model.pool.write { try $0.execute(sql: "PRAGMA user_version = 99") }
                try model.close()
            }
            let newer = #expect(throws: StatusModelError.self) {
                try StatusModel(directory: directory, hub: hub, partitionCount: 4)
            }
            #expect(newer?.code == .newer)
        }
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let queue = try DatabaseQueue(path: directory + "/status.sqlite")
            try await queue.write { try $0.execute(sql: "CREATE TABLE music (title TEXT)") }
            try queue.close()
            let foreign = #expect(throws: StatusModelError.self) {
                try StatusModel(directory: directory, hub: HubName("one"), partitionCount: 4)
            }
            #expect(foreign?.code == .foreign)
            #expect(foreign?.description.contains("delete") == false)
        }
    }

    // MARK: Following

    @Test func aBatchInAnyOrderIsOneChange() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            let started = partition.start(.of("a"))
            let completed = partition.change(.of("a"), .completed, payload: .json("1"))
            let gone = [partition.start(.of("b")), partition.change(.of("b"), .purged)]
            let applied = try await model.apply([gone[1], completed, completed, gone[0], started])
            #expect(applied.changed == [.of("a"), .of("b")])
            #expect(applied.doubtful.isEmpty)
            #expect(try await model.everything() == partition.instances.mapValues(\.status))
            let rows = try await model.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM instances") }
            #expect(rows == 1, "the tombstone goes with the commit that leaves no gap behind it")
        }
    }

    @Test func aTombstoneStaysUntilNothingOlderCanCome() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            let started = partition.start(.of("a"))
            let completed = partition.change(.of("a"), .completed)
            let purged = partition.change(.of("a"), .purged)
            #expect(try await model.apply([purged]).doubtful == [PartitionNumber(0)])
            #expect(try await model.get(.of("a")) == nil)
            _ = try await model.apply([completed])
            #expect(try await model.get(.of("a")) == nil)
            #expect(try await model.apply([started]).doubtful.isEmpty)
            _ = try await model.apply([started, completed])
            #expect(try await model.everything().isEmpty)
            let rows = try await model.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM instances") }
            #expect(rows == 0)
        }
    }

    @Test func idsThatOnlyLookAlikeAreTwoInstances() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            let composed = InstanceID.of("caf\u{E9}")
            let decomposed = InstanceID.of("cafe\u{301}")
            _ = try await model.apply([
                partition.start(composed, input: .json("1")), partition.start(decomposed, input: .json("2")),
            ])
            #expect(try await model.get(composed)?.input == .json("1"))
            #expect(try await model.get(decomposed)?.input == .json("2"))
        }
    }

    @Test func messagesThatNoPartitionCanHaveSentAreDropped() async throws {
        try await withModel(partitionCount: 4) { model in
            let id = InstanceID.of("a")
            let right = PartitionNumber(of: id, count: 4)
            for wrong in [PartitionNumber((right.value + 1) % 4), PartitionNumber(99), PartitionNumber(-1)] {
                var partition = PartitionDouble(partition: wrong)
                let applied = try await model.apply([partition.start(id)])
                #expect(applied.foreign == 1)
            }
            #expect(try await model.get(id) == nil)
        }
    }

    @Test func whoListensIsToldOfChanges() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            var rings = model.changes(of: .of("a")).makeAsyncIterator()
            _ = try await model.apply([partition.start(.of("b"))])
            _ = try await model.apply([partition.start(.of("a"))])
            #expect(await rings.next() != nil)
            #expect(try await model.get(.of("a")) != nil)
        }
    }

    // MARK: Speed

    /// A floor that a loaded machine reaches in a debug build; the figure itself is printed.
    @Test func thousandsOfMessagesPerSecondGoIn() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            var messages: [StatusMessage] = []
            for number in 0..<2000 {
                let id = InstanceID.of("instance-\(number.hashValue)-\(number)")
                messages.append(partition.start(id, input: .json(#"{"city":"Tokyo"}"#)))
                for city in 0..<3 { messages.append(partition.change(id, .customStatusSet, payload: .json("\(city)"))) }
                messages.append(partition.change(id, .completed, payload: .json(#"["Hello Tokyo!"]"#)))
            }
            let time = try await ContinuousClock().measure {
                for start in stride(from: 0, to: messages.count, by: 256) {
                    _ = try await model.apply(Array(messages[start..<min(start + 256, messages.count)]))
                }
            }
            let rate =
                Double(messages.count) / (Double(time.components.attoseconds) / 1e18 + Double(time.components.seconds))
            print("status messages applied: \(messages.count) in \(time), \(Int(rate))/s")
            #expect(rate > 1000)
        }
    }
}
