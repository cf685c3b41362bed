import ArgumentParser
import Reprise
import RepriseBroker
import RepriseEngine
import RepriseKernel

struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Start orchestrations repeatedly.",
        discussion: """
            A schedule is an instance like any other: status, history and watch show it.

            EXAMPLES
              reprise schedule create nightly Report --cron '0 2 * * *'
              reprise schedule list
              reprise schedule pause nightly
              reprise schedule delete nightly
            """,
        subcommands: [
            ScheduleCreateCommand.self, ScheduleListCommand.self, SchedulePauseCommand.self,
            ScheduleResumeCommand.self, ScheduleDeleteCommand.self,
        ]
    )
}

extension HubAccess {
    /// Sends commands to a schedule, one after another, and only to a schedule.
    ///
    /// - Parameter actions: chosen by its status.
    func order(
        _ schedule: InstanceID,
        _ actions: @escaping @Sendable (RuntimeStatus) -> [Command.Action]
    ) async throws {
        let hub = hub
        try await withClient { client in
            guard let status = try await client.status(of: schedule)?.status, status.name == Schedule.orchestrator
            else {
                throw CommandFailure(
                    .failed,
                    "there is no schedule '\(schedule)' in hub '\(hub)': reprise schedule list"
                )
            }
            for action in actions(status.runtimeStatus) {
                let command = Command(instance: schedule, action: action, isInteractive: true)
                try await client.send(command, ordered: true).requireAcceptance()
            }
        }
    }
}
