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
              reprise schedule create nightly Report --cron '0 2 * * *' --time-zone Europe/Berlin
              reprise schedule list
              reprise schedule show nightly
              reprise schedule pause nightly --note 'the warehouse is closed'
              reprise schedule trigger nightly
              reprise schedule delete nightly
            """,
        subcommands: [
            ScheduleCreateCommand.self, ScheduleListCommand.self, ScheduleShowCommand.self, SchedulePauseCommand.self,
            ScheduleUnpauseCommand.self, ScheduleTriggerCommand.self, ScheduleBackfillCommand.self,
            ScheduleDeleteCommand.self,
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
            for action in actions(try await client.schedule(schedule, hub: hub).runtimeStatus) {
                let command = Command(instance: schedule, action: action, isInteractive: true)
                try await client.send(command, ordered: true).requireAcceptance()
            }
        }
    }
}

extension HubAccess {
    /// Raises an event for a schedule, and only for a schedule.
    func raise<Event: ExternalEvent>(_ event: Event, for schedule: InstanceID) async throws {
        let data = try PayloadCoding.encode(event, as: "the event")
        try await order(schedule) { _ in [.raiseEvent(name: Event.name, data)] }
    }
}

extension BrokerHubClient {
    /// - Throws: `CommandFailure` when there is no schedule with this id.
    func schedule(_ id: InstanceID, hub: HubName) async throws -> InstanceStatus {
        guard let status = try await status(of: id)?.status, status.name == Schedule.orchestrator else {
            throw CommandFailure(.failed, "there is no schedule '\(id)' in hub '\(hub)': reprise schedule list")
        }
        return status
    }
}
