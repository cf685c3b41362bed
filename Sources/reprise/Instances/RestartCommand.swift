import ArgumentParser
import RepriseEngine
import RepriseKernel

struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Start an instance again with its original input.",
        discussion: """
            Same orchestrator, input, version and tags, under a new id, which is printed;
            the first instance stays. With --same-id in place of one that has ended, whose
            history is then gone.

            EXAMPLES
              reprise restart trip-1
              reprise restart trip-1 --new-id trip-1-again
              reprise restart trip-1 --same-id
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("The new instance's id; generated when left out.", valueName: "id"))
    var newID: String?

    @Flag(name: .customLong("same-id"), help: "Restart in place, under the same id.")
    var sameID = false

    @OptionGroup var hub: HubOptions

    func validate() throws {
        guard let newID else { return }
        if sameID { throw ValidationError("either --same-id, or --new-id") }
        do {
            _ = try InstanceID(newID)
        } catch {
            throw ValidationError(error.reason)
        }
    }

    func run() async throws {
        let (access, instance) = (try await hub.access(), try target.instance)
        guard !sameID else {
            return Output.line(try await access.send(.restart(as: nil), to: instance).value)
        }
        let newID = try newID.map { try InstanceID($0) } ?? InstanceID(trusted: RandomName.make())
        let started = try await access.withClient { client in
            try await client.restart(instance, as: newID).requireAcceptance()
        }
        Output.line(started.value)
    }
}
