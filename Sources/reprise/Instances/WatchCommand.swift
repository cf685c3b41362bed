import ArgumentParser
import RepriseKernel

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Look on at an instance, live, until it ends.",
        discussion: """
            Shows where it stands, then every change with its version on stderr; at last
            prints its output. Exit code 0 when it completed, 1 when it failed or was
            terminated, 3 when --timeout was over.

            EXAMPLES
              reprise watch trip-1
              reprise watch trip-1 --timeout 30
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("Look on no longer than that. Exit code 3.", valueName: "seconds"))
    var timeout: Double?

    @OptionGroup var hub: HubOptions

    func validate() throws { try Timeout.check(timeout) }

    func run() async throws {
        try await hub.access().follow(try target.instance, timeout: timeout.map { .seconds($0) }) { _ in false }
    }
}
