import ArgumentParser
import RepriseBroker
import RepriseKernel

struct FoundCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "found",
        abstract: "Let a partition go on without commits that are lost for good.",
        discussion: """
            A partition whose log has lost its end, or is gone, waits for the node whose
            journal has all that was confirmed. The nodes' logs and 'reprise doctor' say
            up to which commit it has come, and which node had that. Only when that
            journal is lost for good, say from which commit the partition goes on: what
            instances did after it is then undone, and activities may run again.

            EXAMPLES
              reprise found --partition 2 --from 1200
            """
    )

    @Option(help: ArgumentHelp("The partition that waits.", valueName: "number"))
    var partition: Int

    @Option(
        name: .customLong("from"),
        help: ArgumentHelp("The last commit that is left, as the nodes' logs say.", valueName: "commit")
    )
    var last: Int64

    @OptionGroup var hub: HubOptions

    func validate() throws {
        guard partition >= 0 else { throw ValidationError("partitions are numbered from 0") }
        guard last >= 0 else { throw ValidationError("commits are numbered from 0") }
    }

    func run() async throws {
        let access = try await hub.access()
        let record = PartitionRecord(PartitionNumber(partition), endpoint: access.endpoint, hub: access.hub)
        let lost = try await record.found(from: CommitNumber(rawValue: last))
        Output.note(
            "partition \(partition) goes on from commit \(last): \(Amount.of(Int(lost), "commit")) after it given up. The next "
                + "node that tries takes it, within a minute"
        )
    }
}
