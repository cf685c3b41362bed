import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport
import RepriseTesting
import Testing

/// An event under a name that was misspelt is accepted like any other: nobody would ever notice.
@Suite("Events that nobody waits for")
struct UnreadEventTests {
    private let rig: PartitionFixture

    init() throws { rig = try PartitionFixture(family: ()) }

    private func unread(_ id: String) throws -> [UnreadEvent] {
        guard case .status(let status?, _)? = try rig.ask(.status(InstanceID(id), history: false)) else { return [] }
        return status.unreadEvents
    }

    @Test("The answer says what the instance waits for instead, and the status lists what it has not read")
    func misspelt() throws {
        try rig.send(.start("r", "Race", tag: "r"))
        let before = rig.clock.now
        #expect(try rig.send(.event("r", "goo", "1")) == [.accepted(try InstanceID("r"), waitingFor: ["go"])])
        try rig.advance(by: .seconds(5))
        #expect(try rig.send(.event("r", "Goo", "2")) == [.accepted(try InstanceID("r"), waitingFor: ["go"])])
        #expect(try unread("r").map(\.name) == ["goo", "Goo"])
        #expect(try unread("r").map(\.time) == [before, rig.clock.now])
        // Also where the code is not in memory, and its event is still what it takes.
        try rig.restart()
        #expect(try unread("r").map(\.name) == ["goo", "Goo"])
        #expect(try rig.send(.event("r", "GO", #""x""#)) == [.accepted(try InstanceID("r"))])
        #expect(try unread("r").isEmpty, "it has ended, and what waited for it went with it")
    }

    @Test("Nothing is said while the code waits for no event, or while it is suspended")
    func quiet() throws {
        try rig.send(.start("a", "Hello", count: 1))
        #expect(try rig.send(.event("a", "item", "1")) == [.accepted(try InstanceID("a"))])
        #expect(try unread("a").map(\.name) == ["item"])
        try rig.send(.start("r", "Race", tag: "r"))
        try rig.send(.suspend("r"))
        #expect(try rig.send(.event("r", "goo", "1")) == [.accepted(try InstanceID("r"))])
        #expect(try unread("r").map(\.name) == ["goo"])
    }
}
