import RepriseEngine
import RepriseKernel
import Testing

/// In seed 50777 a partition had no owner for good: its pointer led to a stream that was gone. The fault was the simulator's. An
/// owner whose connection was cut asked for the stream of a new segment; one that a former owner had made lay there under the
/// same name, old enough, and was taken for the new one. The broker made it again when the cut was mended, a moment
/// before it was killed, and so lost what the pointer led to. A real owner waits for the broker's word on the
/// declaration.
@Suite struct LeftoverTests {
    @Test func aSegmentDoesNotBeginInAStreamThatAFormerOwnerHasLeft() throws {
        var tried = 0
        for seed in UInt64(1)...400 where tried < 3 {
            let hub = try SimulatedHub(seed: seed)
            if hub.hasLog, try leavesAlone(hub) { tried += 1 }
            for node in hub.nodes {
                node.process?.die()
                node.process?.turn()
            }
        }
        #expect(tried == 3)
    }

    /// False when the hub's troubles were in the way.
    private func leavesAlone(_ hub: SimulatedHub) throws -> Bool {
        let stream = Stream(partition: hub.partitions[0], segment: 1_000)
        for _ in 0..<60 where owner(of: stream.partition, hub) == nil { hub.step() }
        guard let tenure = owner(of: stream.partition, hub) else { return false }
        tenure.owning.write(.open(stream), tenure)
        hub.broker.serve(tenure.owning)
        hub.wait(SimulatedBroker.settling + .seconds(1))
        guard owner(of: stream.partition, hub) === tenure, let left = hub.broker.streams[stream]?.made
        else { return false }
        tenure.owning.cut(at: hub.now, arrived: 0)
        let log = SimulatedLog(tenure.owning.process, tenure, journal: nil)
        // Without the broker's word there is no new segment.
        if (try? log.open(segment: stream.segment)) != nil {
            let made = try #require(hub.broker.streams[stream]?.made)
            #expect(
                made > left && hub.now - made >= SimulatedBroker.settling,
                "seed \(hub.seed) began in a leftover"
            )
        }
        return true
    }

    private func owner(of partition: PartitionNumber, _ hub: SimulatedHub) -> Tenure? {
        guard hub.broker.isUp, let tenure = hub.broker.owner(of: partition), !tenure.isOver,
            tenure.owning.isUsable,
            tenure.owning.cutSince == nil, !tenure.owning.process.isDead, !tenure.owning.process.isFrozen
        else { return nil }
        return tenure
    }
}
