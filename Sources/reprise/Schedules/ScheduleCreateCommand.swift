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
            the week), or is @daily, @hourly and the like. Where clocks are set, it does as
            cron does. Of the starts missed while no node was running, one is made up for,
            or all within --catch-up.

            EXAMPLES
              reprise schedule create nightly Report --cron '0 2 * * *' --time-zone Europe/Berlin
              reprise schedule create sync Import --every 5m --overlap skip --jitter 30s
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
        help: ArgumentHelp(
            "The zone whose clocks --cron means, as in Europe/Berlin; UTC when left out.",
            valueName: "zone"
        )
    )
    var timeZone: String?

    @Option(
        help: ArgumentHelp("Or how often: 90s, 10m, 2h, 7d.", valueName: "time"),
        transform: TimeArgument.requireSpan
    )
    var every: Duration?

    @Option(
        help: ArgumentHelp("What happens to a start while another runs.", valueName: Self.overlaps("|")),
        transform: Self.overlap
    )
    var overlap: Schedule.Overlap = .allowAll

    @Option(
        help: ArgumentHelp("Put each start off by up to this time, by chance.", valueName: "time"),
        transform: TimeArgument.requireSpan
    )
    var jitter: Duration?

    @Option(
        help: ArgumentHelp("Make up for all starts missed no longer ago than this.", valueName: "time"),
        transform: TimeArgument.requireSpan
    )
    var catchUp: Duration?

    @Flag(help: "Begin paused.")
    var paused = false

    @Option(help: ArgumentHelp("Shown with the schedule.", valueName: "text"))
    var note: String?

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
            timeZone: timeZone,
            everySeconds: every.map { $0.seconds },
            overlap: overlap,
            jitterSeconds: jitter.map { $0.seconds },
            catchUpSeconds: catchUp.map { $0.seconds },
            name: orchestrator,
            input: input,
            tags: try TagArgument.collect(tag),
            version: orchestratorVersion,
            startAt: at.map(\.date),
            endAt: until.map(\.date),
            isPaused: paused,
            note: note
        )
    }

    private static func overlaps(_ separator: String) -> String {
        Schedule.Overlap.allCases.map(\.rawValue).joined(separator: separator)
    }

    private static func overlap(_ word: String) throws -> Schedule.Overlap {
        guard let overlap = Schedule.Overlap(rawValue: word) else {
            throw ValidationError("'\(word)' is not one of \(overlaps(", "))")
        }
        return overlap
    }
}
