import RepriseKernel
import Testing

@testable import RepriseEngine

@Suite struct PendingEventsTests {
    private func event(_ position: PendingNumber, _ size: Int) -> PendingEvent {
        PendingEvent(position: position, event: .eventRaised(name: "E", .null), size: size)
    }

    @Test func theirBytesFollowEveryChange() {
        var pending = PendingEvents([event(1, 10), event(2, 20)])
        #expect(pending.bytes == 30)
        pending.append(event(3, 30))
        #expect(pending.bytes == 60)
        #expect(pending.remove(at: 1).position == 2)
        #expect(pending.bytes == 40)
        pending.removeAll { $0.position == 1 }
        #expect(pending.bytes == 30)
        #expect(pending.map(\.position) == [3])
        pending.removeAll { _ in true }
        #expect(pending.bytes == 0 && pending.isEmpty)
    }

    /// Their sum was made again with each change, from all that waited.
    @Test func whatInstancesTakeTogetherIsKept() {
        let all = WaitingBytes()
        func instance(_ key: InstanceKey) -> LiveInstance {
            let row = InstanceRow(
                key: key,
                id: InstanceID(trusted: "i\(key)"),
                name: "Order",
                incarnation: 1,
                runtimeStatus: .suspended,
                version: 1,
                sequence: 1,
                createdTime: .zero,
                lastUpdatedTime: .zero,
                firstPosition: 1,
                lastPosition: 1,
                customStatusPosition: 0,
                endPosition: 0,
                hiddenThrough: nil
            )
            return LiveInstance(row: row, waitingBytes: all)
        }
        let first = instance(1)
        do {
            let second = instance(2)
            for position in 1...100 { second.pending.append(event(PendingNumber(rawValue: Int64(position)), 7)) }
            first.pending.append(event(1, 5))
            #expect(all.sum == 705)
        }
        #expect(all.sum == 5, "what memory has let go no longer counts")
        first.pending = PendingEvents()
        #expect(all.sum == 0)
    }
}
