import ArgumentParser
import Foundation
import Reprise
import RepriseBroker
import RepriseEngine
import RepriseKernel

struct ScheduleCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a schedule.",
        discussion: """
            A cron expression has five fields (minute, hour, day of the month, month, day of
            the week), in UTC. Starts missed while no node was running are made up for by one.

            EXAMPLES
              reprise schedule create nightly Report --cron '0 2 * * *'
              reprise schedule create poll CheckInbox --every 5m --input '{"box":1}'
              reprise schedule create fair Greet --every 1h --at +1d --until +3d
            """
    )

    @Argument(help: ArgumentHelp("The schedule's id.", valueName: "id"))
    var id: String

    @Argument(help: ArgumentHelp("The orchestrator that it starts.", valueName: "orchestrator"))
    var orchestrator: String

    @Option(help: ArgumentHelp("When: a cron expression.", valueName: "expression"))
    var cron: String?

    @Option(
        help: ArgumentHelp("Or how often: 90s, 10m, 2h, 7d.", valueName: "time"),
        transform: TimeArgument.requireSpan
    )
    var every: Duration?

    @Option(help: ArgumentHelp("The input of every start.", valueName: "json"))
    var input: String?

    @Option(help: ArgumentHelp("A file with the input; - is standard input.", valueName: "file"))
    var inputFile: String?

    @Option(
        help: ArgumentHelp("A tag of every instance. May be repeated.", valueName: "name=value"),
        transform: TagArgument.init
    )
    var tag: [TagArgument] = []

    @Option(help: ArgumentHelp("The version of the code; the nodes' own when left out.", valueName: "version"))
    var orchestratorVersion: String?

    @Option(
        help: ArgumentHelp("The earliest start: 2026-11-24T18:30:00Z, or +10m from now.", valueName: "time"),
        transform: TimeArgument.requireTime
    )
    var at: Timestamp?

    @Option(
        help: ArgumentHelp("The latest start; written like --at.", valueName: "time"),
        transform: TimeArgument.requireTime
    )
    var until: Timestamp?

    @OptionGroup var hub: HubOptions

    func validate() throws {
        let schedule: InstanceID
        do {
            schedule = try InstanceID(id)
        } catch {
            throw ValidationError(error.reason)
        }
        guard (cron == nil) != (every == nil) else { throw ValidationError("give either --cron or --every") }
        do {
            try Schedule.check(id: schedule)
            guard try self.schedule(input: .null).next(after: Date()) != nil else {
                throw ValidationError("it would never start anything: its next time is after --until")
            }
        } catch let failure as Failure {
            throw ValidationError(failure.message)
        }
    }

    func run() async throws {
        let payload = try JSONArgument.read(input, file: inputFile, what: "the input")
        let schedule = try schedule(input: try PayloadCoding.decode(JSON.self, from: payload, as: "the input"))
        let request = StartRequest(
            orchestrator: Schedule.orchestrator,
            input: try PayloadCoding.encode(schedule, as: "the schedule")
        )
        let access = try await hub.access()
        let command = Command(instance: try InstanceID(id), action: .start(request), isInteractive: true)
        let report = try await access.withClient { client in
            try await client.send(command, ordered: true).requireAcceptance()
            return try? await ClusterObserver.once(
                endpoint: access.endpoint,
                hub: access.hub,
                partitionCount: client.partitionCount,
                logger: access.logger
            )
        }
        Output.note("created '\(id)'")
        if let report, !report.runs(orchestrator) {
            Output.note(
                """
                no node of hub '\(access.hub)' has an orchestrator '\(orchestrator)': until one has, each start is refused and \
                becomes a dead letter. \
                If the name is misspelled: reprise schedule delete \(id)
                """
            )
        }
    }

    private func schedule(input: JSON) throws -> Schedule {
        Schedule(
            cron: cron,
            everySeconds: every.map { $0.seconds },
            name: orchestrator,
            input: input,
            tags: try TagArgument.collect(tag),
            version: orchestratorVersion,
            startAt: at.map(Self.date),
            endAt: until.map(Self.date)
        )
    }

    private static func date(_ time: Timestamp) -> Date {
        Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
    }
}
