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
            #expect(try await second.progress().map(\.applied) == [1])
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
            #expect(try await model.progress().map(\.applied) == [0])
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

    // MARK: Lists

    private func fill(_ model: StatusModel) async throws {
        var partition = PartitionDouble(partition: PartitionNumber(0))
        var messages: [StatusMessage] = []
        for number in 0..<20 {
            let id = InstanceID.of((number % 2 == 0 ? "even-" : "odd-") + "\(100 + number)")
            messages.append(partition.start(id, input: .json("\(number)")))
            if number % 4 == 0 { messages.append(partition.change(id, .completed)) }
            if number % 4 == 1 { messages.append(partition.change(id, .suspended)) }
        }
        _ = try await model.apply(messages)
    }

    @Test func pagesFollowEachOtherWhileInstancesComeAndGo() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            _ = try await model.apply((10..<40).map { partition.start(.of("i-\($0)")) })
            var seen: [String] = []
            var token: ContinuationToken?
            var round = 0
            repeat {
                let page = try await model.list(after: token, limit: 7)
                seen += page.statuses.map(\.instance.value)
                token = page.next.flatMap { ContinuationToken($0.description) }
                round += 1
                _ = try await model.apply([
                    partition.start(.of("i-00\(round)")), partition.change(.of("i-\(9 + round)"), .purged),
                ])
            } while token != nil
            #expect(seen == (10..<40).map { "i-\($0)" })
        }
    }

    @Test func filtersNarrowAList() async throws {
        try await withModel { model in
            try await fill(model)
            func ids(_ filter: InstanceFilter) async throws -> [String] {
                try await model.list(filter, limit: 100).statuses.map(\.instance.value)
            }
            #expect(try await ids(InstanceFilter()).count == 20)
            #expect(try await ids(InstanceFilter(instanceIDPrefix: "odd-")).count == 10)
            #expect(try await ids(InstanceFilter(instanceIDPrefix: "odd-11")).count == 5)
            #expect(try await ids(InstanceFilter(instanceIDPrefix: "nothing")).isEmpty)
            #expect(try await ids(InstanceFilter(runtimeStatuses: [.completed])).count == 5)
            #expect(try await ids(InstanceFilter(runtimeStatuses: [.completed, .suspended])).count == 10)
            let all = try await model.list(limit: 100).statuses.map(\.createdTime).sorted()
            #expect(try await ids(InstanceFilter(createdFrom: all[3], createdTo: all[3])).count == 1)
            #expect(try await ids(InstanceFilter(createdFrom: all[5])).count == 15)
            #expect(try await ids(InstanceFilter(createdTo: all[4])).count == 5)
            #expect(try await model.purgeCandidates(InstanceFilter(), after: nil, limit: 100).count == 5)
            let running = InstanceFilter(runtimeStatuses: [.running])
            #expect(try await model.purgeCandidates(running, after: nil, limit: 100).isEmpty)
            #expect(try await model.countByStatus() == [.running: 10, .completed: 5, .suspended: 5])
            #expect(try await model.newest(2).map(\.createdTime) == all.suffix(2).reversed())
        }
    }

    @Test func traitsNarrowAListToo() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            let later = Timestamp(milliseconds: 1_900_000_000_000)
            let tags = ["city": "Tokyo", "o'clock": "\"5\":"]
            _ = try await model.apply([
                partition.start(.of("a"), traits: InstanceTraits(version: "2", tags: tags, parent: .of("p"))),
                partition.start(.of("b"), .scheduled, traits: InstanceTraits(tags: ["city": "Oslo"], startTime: later)),
                partition.start(.of("p")),
            ])
            func ids(_ filter: InstanceFilter) async throws -> [String] {
                try await model.list(filter, limit: 100).statuses.map(\.instance.value)
            }
            #expect(try await ids(InstanceFilter(tags: ["city": "Tokyo"])) == ["a"])
            #expect(try await ids(InstanceFilter(tags: tags)) == ["a"])
            #expect(try await ids(InstanceFilter(tags: ["city": "Tokyo", "o'clock": "6"])).isEmpty)
            #expect(try await ids(InstanceFilter(parent: .of("p"))) == ["a"])
            #expect(try await ids(InstanceFilter(name: "Hello")) == ["a", "b", "p"])
            #expect(try await ids(InstanceFilter(name: "Goodbye")).isEmpty)
            #expect(try await ids(InstanceFilter(runtimeStatuses: [.pending])) == ["b"])
            #expect(try await model.get(.of("a"))?.traits.tags == tags)
            #expect(try await model.get(.of("b"))?.traits.startTime == later)
        }
    }

    @Test func entitiesAreListedByThemselves() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            func entity(_ name: String, _ key: String, _ state: String) throws -> StatusMessage {
                partition.start(try EntityID(name, key).instance, .entityChanged, input: .json(state))
            }
            _ = try await model.apply([
                partition.start(.of("A")), entity("counter", "b", "2"), entity("Counter", "a", "1"),
                entity("counters", "a", "3"), entity("lamp", "", "true"), entity("lamp", "locked", "null"),
            ])
            func ids(_ filter: EntityFilter) async throws -> [String] {
                try await model.entities(filter, limit: 100).statuses.map(\.instance.value)
            }
            #expect(try await ids(EntityFilter()) == ["@counter@a", "@counter@b", "@counters@a", "@lamp@"])
            #expect(try await ids(EntityFilter(name: "counter")) == ["@counter@a", "@counter@b"])
            let times = try await model.entities(limit: 100).statuses.map(\.lastUpdatedTime).sorted()
            let range = EntityFilter(lastOperationFrom: times[0], lastOperationTo: times[1])
            #expect(try await ids(range) == ["@counter@a", "@counter@b"])
            let first = try await model.entities(limit: 1)
            let second = try await model.entities(after: first.next, limit: 1, includingStates: false)
            #expect(second.statuses.map(\.instance.value) == ["@counter@b"])
            #expect(second.statuses.map(\.customStatus) == [.null])

            #expect(try await model.list(limit: 100).statuses.map(\.instance.value) == ["A"])
            #expect(try await model.countByStatus() == [.running: 1])
            #expect(try await model.newest(10).map(\.instance.value) == ["A"])

            // A key may have an @, a name may not.
            _ = try await model.apply([entity("counter", "a@b", "4")])
            #expect(try await ids(EntityFilter(name: "counter@a")).isEmpty)
        }
    }

    @Test func aPageEndsBeforeItGrowsTooLarge() async throws {
        try await withModel { model in
            try await fill(model)
            let page = try await model.list(limit: 100, maximumBytes: 0)
            #expect(page.statuses.count == 1)
            #expect(page.next != nil)
            let bare = try await model.list(limit: 100, includingInputs: false)
            #expect(bare.statuses.allSatisfy { $0.input.isNull })
        }
    }

    @Test func prefixesEndWhereTheNextTextBegins() {
        #expect(FilterQuery.successor(of: "ab") == "ac")
        #expect(FilterQuery.successor(of: "a\u{10FFFF}") == "b")
        #expect(FilterQuery.successor(of: "\u{D7FF}") == "\u{E000}")
        #expect(FilterQuery.successor(of: "\u{10FFFF}") == nil)
    }

    @Test func tokensOfOthersAreNotTaken() {
        for text in ["", "abc", "AAAA", "not base64!"] { #expect(ContinuationToken(text) == nil) }
        #expect(ContinuationToken(ContinuationToken(lastID: "å/1").description)?.lastID == "å/1")
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
