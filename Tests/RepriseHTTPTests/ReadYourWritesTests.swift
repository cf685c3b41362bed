import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseHTTP

@Suite struct ReadYourWritesTests {
    private let id = InstanceID.of("a")

    private func ticket(_ recent: ReadYourWrites) throws -> UInt64 {
        guard case .askPartition(let ticket) = recent.demand(for: id) else {
            Issue.record("\(recent.demand(for: id))")
            return 0
        }
        return ticket
    }

    @Test func theModelWillDoOnceItShowsWhatThePartitionSaid() throws {
        let recent = ReadYourWrites()
        #expect(recent.demand(for: id) == .none)
        recent.changed(id)
        let revision = Revision(incarnation: 1, version: 2)
        recent.learned(id, revision, ticket: try ticket(recent))
        #expect(recent.demand(for: id) == .atLeast(revision))
        recent.learned(id, Revision(incarnation: 1, version: 1), ticket: 1)
        #expect(recent.demand(for: id) == .atLeast(revision))
    }

    /// A reader asked, someone changed the instance again, and only then the reader's answer came: the model, which
    /// showed that much, was then trusted by the one who had made the second change.
    @Test func anAnswerFromBeforeTheLastChangeCountsForNothing() throws {
        let recent = ReadYourWrites()
        recent.changed(id)
        let first = try ticket(recent)
        recent.changed(id)
        recent.learned(id, Revision(incarnation: 1, version: 2), ticket: first)
        #expect(try ticket(recent) != first)
    }

    @Test func aFloodOfChangesIsForgotten() {
        let recent = ReadYourWrites()
        for number in 0..<50_000 { recent.changed(.of("i\(number)")) }
        #expect(recent.count == 20_000)
        #expect(recent.demand(for: .of("i49999")) != .none)
    }

    @Test func whatIsLongAgoIsForgotten() {
        let start = ContinuousClock.now
        let recent = ReadYourWrites(now: start)
        recent.changed(id, now: start)
        recent.changed(.of("b"), now: start + .seconds(31))
        #expect(recent.demand(for: id) != .none)
        recent.changed(.of("b"), now: start + .seconds(62))
        #expect(recent.demand(for: id) == .none)
    }
}
