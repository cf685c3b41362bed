import Foundation
import Testing

extension Commands {
    @Suite struct SettingsTests {
        /// The hub that a command asked for, told by the sentence that there is none.
        private func hub(_ arguments: String..., environment: [String: String]) async throws -> String {
            let url = try Program.setting("REPRISE_TEST_AMQP_URL")
            let run = try await Program(
                [try Program.path("reprise"), "list"] + arguments,
                environment: environment.merging(["REPRISE_AMQP_URL": url]) { $1 }
            ).outcome()
            #expect(run.code == 69)
            return try String(#require(run.errors.firstMatch(of: /there is no hub '([a-z-]+)'/)).1)
        }

        @Test func flagsWinOverTheEnvironmentWhichWinsOverTheFile() async throws {
            let file = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).json")
            try Data(#"{"reprise": {"hub": "from-file"}}"#.utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let config = ["REPRISE_CONFIG": file.path]
            let both = config.merging(["REPRISE_HUB": "from-environment"]) { $1 }
            #expect(try await hub(environment: config) == "from-file")
            #expect(try await hub(environment: both) == "from-environment")
            #expect(try await hub("--hub", "from-flag", environment: both) == "from-flag")
        }

        @Test func aFileThatIsNotThere() async throws {
            let run = try await reprise("list", environment: ["REPRISE_CONFIG": "/no/such/file.json"])
            #expect(run.code == 64)
            #expect(run.errors.contains("the configuration file '/no/such/file.json' cannot be read"))
        }
    }
}
