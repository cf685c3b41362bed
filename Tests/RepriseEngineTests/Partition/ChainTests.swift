import Logging
import Reprise
import RepriseEngine
import RepriseKernel
import Testing

@Suite struct ChainTests {
    private func begun(epoch: Epoch) throws -> JournalHead {
        let partition = try Partition(
            journal: try MemoryJournal(),
            log: nil,
            orchestrators: [:],
            settings: PartitionSettings(),
            environment: PartitionEnvironment(
                wallClock: { Timestamp(milliseconds: 1) },
                steadyClock: { .zero },
                makeSecret: { TaskSecret(high: 7, low: 9) }
            ),
            marker: RememberedMarker(),
            logger: Logger(label: "chain", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        _ = try partition.begin(epoch: epoch)
        return partition.head
    }

    /// A log lost its end, and with it the commit an owner began with; the next one began with a commit of the same number.
    /// Both hold no row but the partition's own, and the chain went on from either.
    @Test func twoOwnersBeginWithDifferentLinks() throws {
        let (one, other) = (try begun(epoch: 1), try begun(epoch: 2))
        #expect(one.commit == other.commit)
        #expect(one.checksum != other.checksum)
    }
}
