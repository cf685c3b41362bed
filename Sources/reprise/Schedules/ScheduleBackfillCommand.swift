import ArgumentParser
import Foundation
import Reprise
import RepriseKernel

struct ScheduleBackfillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Start for each time that was due in a range.",
        discussion: """
            With the overlap policy allowAll all start at once, with any other one after
            another; none is left out. What has run for such a time, and has ended, is replaced.

            EXAMPLES
              reprise schedule backfill nightly --from 2026-11-01 --to 2026-11-07T23:59:59Z
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(
        help: ArgumentHelp("The first moment: 2026-11-24T18:30:00Z, or a day in UTC.", valueName: "time"),
        transform: TimeArgument.requireTime
    )
    var from: Timestamp

    @Option(
        help: ArgumentHelp("The last moment; written like --from.", valueName: "time"),
        transform: TimeArgument.requireTime
    )
    var to: Timestamp

    @OptionGroup var hub: HubOptions

    func validate() throws {
        guard from <= to else { throw ValidationError("--to is before --from") }
    }

    func run() async throws {
        let backfill = Schedule.Backfill(from: from.date, to: to.date)
        try await hub.access().raise(backfill, for: try target.instance)
        Output.note("backfilling '\(target.id)'")
    }
}
