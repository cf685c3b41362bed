import RepriseTestSupport
import Testing

@Suite struct HelpTests {
    @Test(arguments: [
        [], ["start"], ["status"], ["list"], ["watch"], ["raise"], ["terminate"], ["suspend"], ["resume"], ["purge"],
        ["wait"], ["history"], ["rewind"], ["resend"], ["restart"], ["entity"], ["entity", "list"], ["entity", "get"],
        ["entity", "signal"], ["schedule"], ["schedule", "create"], ["schedule", "list"], ["schedule", "pause"],
        ["schedule", "unpause"], ["schedule", "trigger"], ["schedule", "backfill"], ["schedule", "show"],
        ["schedule", "delete"],
        ["gateway"], ["dead"], ["dead", "list"], ["dead", "show"], ["dead", "retry"], ["dead", "drop"], ["doctor"],
        ["bench"], ["bench", "hello"], ["bench", "status"], ["rebuild-status"], ["found"], ["count"], ["index"],
        ["index", "add"],
        ["index", "list"], ["index", "remove"],
    ])
    func showsExamplesThatFit(command: [String]) async throws {
        let run = try await Program([try TestEnvironment.program("reprise")] + command + ["--help"]).outcome()
        #expect(run.code == 0)
        #expect(run.output.contains("USAGE: reprise"))
        // The parser wraps what is longer, in the middle of an example.
        let examples = run.lines.drop { $0 != "EXAMPLES" }.dropFirst().prefix { $0.hasPrefix("  ") }
        #expect(!examples.isEmpty && examples.allSatisfy { $0.contains("reprise ") }, "\(run)")
    }
}
