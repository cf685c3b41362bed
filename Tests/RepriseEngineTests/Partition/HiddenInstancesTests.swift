import Reprise
import RepriseKernel
import Testing

@testable import RepriseEngine

/// Each commit looked at all hidden instances to delete 32 of them: purging 100,000 took a time that grew with the square.
@Suite struct HiddenInstancesTests {
    private func row(_ key: InstanceKey) -> InstanceRow {
        InstanceRow(
            key: key,
            id: InstanceID(trusted: "i\(key)"),
            name: "Order",
            incarnation: 1,
            runtimeStatus: .completed,
            version: 1,
            sequence: 1,
            createdTime: .zero,
            lastUpdatedTime: .zero,
            firstPosition: 1,
            lastPosition: 1,
            customStatusPosition: 0,
            endPosition: 1,
            hiddenThrough: OutboundNumber(rawValue: key.rawValue)
        )
    }

    private func take(
        _ hidden: inout HiddenInstances,
        atMost limit: Int = 32,
        confirmedThrough: OutboundNumber = .max,
        isAwaited: (InstanceKey) -> Bool = { _ in false }
    ) -> [InstanceKey] {
        var commit = JournalCommit(head: JournalHead())
        hidden.takeDeletable(
            confirmedThrough: confirmedThrough,
            atMost: limit,
            into: &commit,
            isAwaited: isAwaited
        )
        return commit.deletedInstances
    }

    @Test func eachIsLookedAtOnce() {
        let count = 10_000
        var hidden = HiddenInstances((1...InstanceKey(rawValue: Int64(count))).reversed().map(row))
        var looks = 0
        var taken: [InstanceKey] = []
        while hidden.count > 0 {
            taken += take(&hidden) { _ in
                looks += 1
                return false
            }
        }
        #expect(taken == Array(1...InstanceKey(rawValue: Int64(count))))
        #expect(looks == count)
    }

    @Test func whoMustStayIsInNobodysWay() {
        var hidden = HiddenInstances((1...200).map(row))
        var taken: Set<InstanceKey> = []
        var looks = 0
        for _ in 1...20 {
            let portion = take(&hidden) {
                looks += 1
                return $0 <= 100
            }
            #expect(portion.count <= 32)
            taken.formUnion(portion)
        }
        #expect(taken == Set(101...200))
        #expect(looks <= 20 * 65, "in one commit never more than twice what it deletes")
        #expect(hidden.count == 100)
        #expect(Set(take(&hidden, atMost: 100)) == Set(1...100))
    }

    @Test func whatIsNotConfirmedStays() throws {
        var hidden = HiddenInstances((1...10).map(row))
        #expect(take(&hidden, confirmedThrough: 4) == [1, 2, 3, 4])
        #expect(hidden.first?.key == 5)
        var commit = JournalCommit(head: JournalHead())
        hidden.hide(LiveInstance(row: row(11), waitingBytes: WaitingBytes()))
        #expect(hidden.hides(11))
        #expect(hidden.takeFresh(through: 11, into: &commit) == 1)
        #expect(commit.instances.map(\.key) == [11] && !hidden.hides(11))
        #expect(take(&hidden) == Array(5...11))
        #expect(hidden.first == nil)
    }
}
