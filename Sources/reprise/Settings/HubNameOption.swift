import ArgumentParser
import RepriseKernel

/// The hub, for commands that ask a gateway rather than a broker.
struct HubNameOption: ParsableArguments {
    @Option(help: ArgumentHelp("The task hub that the gateway must serve. [REPRISE_HUB]", valueName: "name"))
    var hub: String?

    func validate() throws {
        do {
            if let hub { _ = try HubName(hub) }
        } catch {
            throw ValidationError(error.reason)
        }
    }
}
