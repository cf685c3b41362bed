import ArgumentParser
import RepriseKernel

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait for an instance's end, and print its output.",
        discussion: """
            For scripts: prints nothing until it ends. Exit code 0 if it completed, 1 if it
            failed, was terminated or purged, 3 if --timeout expired.

            EXAMPLES
              reprise wait trip-1
              reprise wait trip-1 --timeout 30 && echo booked
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("Wait no longer than this. Exit code 3.", valueName: "seconds"))
    var timeout: Double?

    @OptionGroup var hub: HubOptions

    func validate() throws { try Timeout.check(timeout) }

    func run() async throws {
        let timeout = timeout.map { Duration.seconds($0) }
        try await hub.access().follow(try target.instance, timeout: timeout, quietly: true) { _ in false }
    }
}
