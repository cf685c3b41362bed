import ArgumentParser
import RepriseKernel

struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Start anew what an instance was started with.",
        discussion: """
            Same orchestrator, input, version and tags. Under a new id, which is printed,
            beside the first instance; with --same-id in the place of one that has ended,
            whose history is then gone.

            EXAMPLES
              reprise restart trip-1
              reprise restart trip-1 --new-id trip-1-again
              reprise restart trip-1 --same-id
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("The new instance's id; drawn when left out.", valueName: "id"))
    var newID: String?

    @Flag(name: .customLong("same-id"), help: "In its own place.")
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
        let drawn = InstanceID(trusted: RandomName.make())
        let newID = sameID ? nil : try newID.map { try InstanceID($0) } ?? drawn
        let instance = try await hub.access().send(.restart(as: newID), to: try target.instance)
        Output.line(instance.value)
    }
}
