import ArgumentParser
import RepriseKernel

struct PurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Purge instances that have ended, with their history.",
        discussion: """
            One by its id, or all that match. An instance that has not ended is never purged.

            EXAMPLES
              reprise purge trip-1
              reprise purge --older-than 30d --dry-run
              reprise purge --status Completed --name Invoice --older-than 7d
              reprise purge --all --children
            """
    )

    @Argument(help: ArgumentHelp("One instance.", valueName: "id"))
    var id: String?

    @Option(
        help: ArgumentHelp("Only what ended at least this long ago: 90s, 10m, 2h, 7d.", valueName: "time"),
        transform: TimeArgument.requireSpan
    )
    var olderThan: Duration?

    @Flag(help: "Everything that has ended.")
    var all = false

    @Flag(help: "Also the sub-orchestrations that they called, where they have ended.")
    var children = false

    @Flag(help: "Print the ids of what would be purged, and purge nothing.")
    var dryRun = false

    @OptionGroup var selection: SelectionOptions

    @OptionGroup var hub: HubOptions

    func validate() throws {
        let isSelective = !selection.isEverything || olderThan != nil
        if let id {
            if isSelective || all || dryRun { throw ValidationError("give an id, or a selection: not both") }
            do {
                _ = try InstanceID(id)
            } catch {
                throw ValidationError(error.reason)
            }
        } else if !isSelective, !all {
            throw ValidationError("name an instance, select some (--status, --older-than, --name, …), or use --all")
        } else if isSelective, all {
            throw ValidationError("use --all, or a selection: not both")
        }
        if let status = selection.status.first(where: { !$0.isEnded }) {
            throw ValidationError("what is \(status.rawValue) has not ended, and only what has ended can be purged")
        }
    }

    func run() async throws {
        if let id {
            let instance = try InstanceID(id)
            guard children else {
                try await hub.access().send(.purge(children: false), to: instance)
                return Output.note("purged '\(id)'")
            }
            let others = try await hub.access().withClient { client in
                try await InstancePurge.family(of: instance, client)
            }
            return Output.note("purged '\(id)' and \(Amount.of(others, "sub-orchestration"))")
        }
        var selection = try selection.selection
        if selection.statuses.isEmpty { selection.statuses = Set(RuntimeStatus.allCases.filter(\.isEnded)) }
        selection.unchangedSince = olderThan.map { Timestamp.now - $0 }
        let purge = InstancePurge(selection: selection, children: children, isDry: dryRun)
        let count = try await hub.access().withClient { client in try await purge.run(client) }
        Output.note("\(dryRun ? "would purge" : "purged") \(Amount.of(count, "instance"))")
    }
}

extension Timestamp {
    fileprivate static func - (time: Timestamp, span: Duration) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds - span.milliseconds)
    }
}
