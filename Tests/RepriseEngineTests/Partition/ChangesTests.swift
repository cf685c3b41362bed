import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import Testing

/// The changes of an instance, for readers that missed them: the messages it published, read from its history.
@Suite struct ChangesTests {
    private func changes(_ rig: PartitionFixture, after version: Int64) throws -> ChangePage? {
        guard case .changes(let page)? = try rig.ask(.changes(InstanceID("p"), after: version)) else { return nil }
        return page
    }

    @Test func whatWasMissedIsWhatWasPublished() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("p", "Painter", Order(tag: "p", count: 3)))
        try rig.settle()
        let told = rig.statuses.sorted { $0.version < $1.version }
        let page = try #require(try changes(rig, after: 0))
        #expect(page.messages.map(\.kind) == told.map(\.kind) && page.messages.map(\.payload) == told.map(\.payload))
        #expect(page.messages.map(\.version) == Array(1...page.status.version) && page.next == nil)
        #expect(try changes(rig, after: 2)?.messages.first?.version == 3)
        #expect(try changes(rig, after: page.status.version)?.messages.isEmpty == true)
        #expect(
            try rig.ask(.changes(InstanceID("nobody"), after: 0))
                == .rejected(Rejection(.unknownInstance, "there is no instance 'nobody'"))
        )
    }
}
