import ArgumentParser
import Logging
import RepriseBroker
import RepriseKernel
import RepriseStatus
import Synchronization

struct RebuildStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild-status",
        abstract: "Empty the read model and fill it again from the nodes.",
        discussion: """
            For a read model that is in doubt. No gateway may have it open meanwhile;
            nodes go on working. Interrupted, it leaves a model that the next gateway
            completes.

            EXAMPLES
              reprise rebuild-status --data /var/lib/reprise
            """
    )

    @Option(help: ArgumentHelp("Where the read model lies. [REPRISE_DATA]", valueName: "directory"))
    var data: String?

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let access = try await hub.access(data: data)
        let lock = try ReadModelLock(directory: access.dataDirectory)
        defer { lock.release() }
        let start = ContinuousClock.now
        let total = try await access.withClient { client in
            let model = try StatusModel(
                directory: access.dataDirectory,
                hub: access.hub,
                partitionCount: client.partitionCount
            )
            var expected: [Int64] = []
            for number in 0..<client.partitionCount {
                expected.append(try await client.health(of: PartitionNumber(number)).instances)
            }
            let display = RebuildDisplay(expected: expected)
            let projector = StatusProjector(model: model, client: client, logger: access.logger)
            try await projector.rebuild { display.show($0) }
            return display.finish()
        }
        Output.note(
            "read \(Amount.of(total, "instance")) of hub '\(access.hub)' into \(access.dataDirectory) in "
                + Amount.duration(ContinuousClock.now - start)
        )
    }
}

/// How far a rebuild has come: a bar on a terminal, elsewhere a line for each partition.
private final class RebuildDisplay: Sendable {
    private let expected: [Int64]
    private let line = LiveLine()
    private let read: Mutex<[Int]>

    init(expected: [Int64]) {
        self.expected = expected
        read = Mutex([Int](repeating: 0, count: expected.count))
    }

    func show(_ progress: StatusProjector.Progress) {
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
