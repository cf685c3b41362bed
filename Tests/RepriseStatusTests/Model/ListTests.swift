import Foundation
import GRDB
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseStatus

/// The pages of a list, and what narrows it.
@Suite struct ListTests {
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
}
