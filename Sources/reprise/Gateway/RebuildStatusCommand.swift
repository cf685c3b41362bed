import ArgumentParser
import Logging
import RepriseBroker
import RepriseHosting
import RepriseKernel
import RepriseStatus

struct RebuildStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild-status",
        abstract: "Empty the read model and fill it again from the nodes.",
        discussion: """
            For a read model that may be wrong. No gateway may have it open meanwhile; nodes
            keep working. If interrupted, it leaves a model that the next gateway completes.

            EXAMPLES
              reprise rebuild-status --data /var/lib/reprise
            """
    )

    @Option(help: ArgumentHelp("The directory of the read model. [REPRISE_DATA]", valueName: "directory"))
    var data: String?

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let access = try await hub.access(data: data)
        let lock = try DirectoryLock(access.dataDirectory, of: .gateway)
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
