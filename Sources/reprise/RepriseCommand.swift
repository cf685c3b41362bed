import ArgumentParser
import Foundation
import RepriseKernel

/// The command line: one file per command, each of which reads its arguments, puts the modules together, and prints the
/// result.
@main
struct RepriseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reprise",
        abstract: "Durable orchestrations over RabbitMQ, from the command line.",
        discussion: """
            A node runs in your own program (see the samples); everything else is here.

            EXAMPLES
              reprise gateway                           serve HTTP on 127.0.0.1:7071
              reprise start E1_HelloSequence --watch    start one, and watch it
              reprise list --status Running             what is running
              reprise count --group-by customStatus.stage
              reprise doctor                            is all well?

            SETTINGS
              REPRISE_AMQP_URL, REPRISE_HUB, REPRISE_DATA, REPRISE_GATEWAY, REPRISE_LOG_LEVEL.
              A flag wins over the environment, which wins over the JSON file that
              REPRISE_CONFIG names (reprise.json where there is one).

            EXIT CODES
              0  done                  64 wrong usage      78   settings clash with the hub
              1  refused, or failed    69 broker or        130  Ctrl-C
              3  not in time              partition away
            """,
        version: "reprise \(Release.version)",
        groupedSubcommands: [
            CommandGroup(
                name: "Instance",
                subcommands: [
                    StartCommand.self, StatusCommand.self, ListCommand.self, CountCommand.self, WatchCommand.self,
                    WaitCommand.self,
                    HistoryCommand.self, RaiseCommand.self, CancelCommand.self, TerminateCommand.self,
                    SuspendCommand.self,
                    ResumeCommand.self, RewindCommand.self, ResendCommand.self, RestartCommand.self, PurgeCommand.self,
                    ScheduleCommand.self, EntityCommand.self,
                ]
            ),
            CommandGroup(
                name: "Hub",
                subcommands: [
                    GatewayCommand.self, DoctorCommand.self, DeadCommand.self, FoundCommand.self,
                    RebuildStatusCommand.self, IndexCommand.self, BenchCommand.self,
                ]
            ),
        ]
    )

    static func main() async {
        Interrupt.leaveQuietly()
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            LiveLine.clearAll()
            leave(error)
        }
    }

    private static func leave(_ error: any Error) -> Never {
        if let failure = CommandFailure(error) {
            if !failure.message.isEmpty { Output.note("error: \(failure.message)") }
            end(failure.code)
        }
        guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
        // The parser's own message fills a page; the sentence and a pointer to the help are enough.
        Output.note("error: \(message(for: error))")
        if let hint = fullMessage(for: error).split(separator: "\n").last, hint.contains("--help") {
            Output.note("  \(hint.drop { $0 == " " })")
        }
        end(.usage)
    }

    /// Not exit(): it would run its cleanup beside threads that are still working. What was said is written already.
    private static func end(_ code: ExitCode) -> Never { _exit(code.rawValue) }
}
