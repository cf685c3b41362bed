import ArgumentParser
import RepriseKernel
import RepriseStatus

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Watch an instance, live, until it ends.",
        discussion: """
            Shows its status, then every change with its version, on stderr; finally prints
            its output. Exit code 0 if it completed, 1 if it failed, was canceled or
            terminated, 3 if --timeout expired.

            With --until, watches until a condition holds, at any version of the instance,
            and prints the custom status that met it. Exit code 0 then, and 3 if the
            instance ended or --timeout expired first.

            EXAMPLES
              reprise watch trip-1
              reprise watch trip-1 --timeout 30
              reprise watch order-1 --until 'customStatus.stage == "shipped"'
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("Watch no longer than this. Exit code 3.", valueName: "seconds"))
    var timeout: Double?

    @Option(help: ArgumentHelp("Watch until this holds: an expression as --filter takes it.", valueName: "condition"))
    var until: String?

    @OptionGroup var hub: HubOptions

    func validate() throws {
        try Timeout.check(timeout)
        _ = try condition
    }

    func run() async throws {
        let timeout = timeout.map { Duration.seconds($0) }
        try await hub.access().follow(try target.instance, until: try condition, timeout: timeout) { _ in false }
    }

    private var condition: StatusExpression? {
        get throws {
            guard let until else { return nil }
            do throws(ExpressionError) {
                return try StatusExpression(parsing: until)
            } catch {
                throw ValidationError("--until cannot be read: \(error)")
            }
        }
    }
}
