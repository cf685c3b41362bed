import RepriseKernel
import RepriseStatus
import Synchronization

/// The progress of a rebuild: a bar on a terminal, elsewhere a line for each partition.
final class RebuildDisplay: Sendable {
    private let expected: [Int64]
    private let line = LiveLine()
    private let read: Mutex<[Int]>

    init(expected: [Int64]) {
        self.expected = expected
        read = Mutex([Int](repeating: 0, count: expected.count))
    }

    func show(_ progress: StatusProjector.RebuildEvent) {
        switch progress {
        case .sweeping(let partition, let instances): draw(partition, instances)
        case .done(let partition, let instances):
            draw(partition, instances)
            if !line.isLive { Output.note("partition \(partition): \(Amount.of(instances, "instance"))") }
        case .waiting(let partition, let reason):
            if line.isLive {
                line.show("partition \(partition): \(Text.line(reason))", .yellow)
            } else {
                Output.note("partition \(partition): \(reason)")
            }
        }
    }

    /// - Returns: how many instances were read.
    func finish() -> Int {
        line.clear()
        return read.withLock { $0.reduce(0, +) }
    }

    private func draw(_ partition: PartitionNumber, _ instances: Int) {
        let sum = read.withLock { read in
            read[partition.value] = instances
            return read.reduce(0, +)
        }
        let total = Int(expected.reduce(0, +))
        line.show("\(Bar.draw(sum, of: total, width: 30))  \(Amount.count(sum)) of \(Amount.of(total, "instance"))")
    }
}
