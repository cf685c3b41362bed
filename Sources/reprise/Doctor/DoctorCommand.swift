import ArgumentParser
import Logging
import RepriseBroker
import RepriseHosting
import RepriseKernel

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the health of broker, hub, partitions, queues, dead letters and journals.",
        discussion: """
            Each line begins with 'ok', with '!!' for a problem (and ends with what to do),
            or with '--' for a note. Exit code 1 when there is a '!!'. Changes nothing.
            Activities are found by asking running instances what they wait for.

            EXAMPLES
              reprise doctor
              reprise doctor --data reprise-data      check the journals there, too
              reprise doctor --activity E1_SayHello --json
            """
    )

    @Option(
        help: ArgumentHelp(
            "A node's or gateway's data directory, to check what no process has open.",
            valueName: "directory"
        )
    )
    var data: String?

    @Option(help: ArgumentHelp("Check this activity's queue as well. May be repeated.", valueName: "name"))
    var activity: [String] = []

    @Flag(help: "Print a JSON array, one finding per line.")
    var json = false

    @OptionGroup var hub: HubOptions

    func run() async throws {
        // Anything wrong becomes a finding, with what to do; log lines about it would only be noise.
        let access = try await hub.access(logging: .error, data: data)
        let findings = await Examination(access: access, activities: activity, data: data).run()
        LiveLine.clearAll()
        if json {
            Output.line(JSONObject.lines(findings.map(\.json)))
        } else {
            show(findings)
        }
        guard findings.allSatisfy({ $0.state != .bad }) else { throw ExitCode.failed }
    }

    private func show(_ findings: [Finding]) {
        let width = findings.map { Text.columns($0.subject) }.max() ?? 0
        for finding in findings {
            let color: Color =
                switch finding.state {
                case .ok: .green
                case .bad: .red
                case .note: .dim
                }
            let line = finding.line(subjectWidth: width)
            Output.line(Terminal.output.paint(String(line.prefix(2)), color) + line.dropFirst(2))
        }
    }
}
