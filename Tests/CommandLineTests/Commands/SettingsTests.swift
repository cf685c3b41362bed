import Foundation
import RepriseTestSupport
import Testing

extension Commands {
    @Suite struct SettingsTests {
        /// The hub that a command asked for, told by the sentence that there is none.
        private func hub(_ arguments: String..., environment: [String: String]) async throws -> String {
            let url = try TestEnvironment.brokerURL
            let run = try await Program(
                [try TestEnvironment.program("reprise"), "list"] + arguments,
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

        @Test func aMisspeltKeyInTheFile() async throws {
            let file = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).json")
            try Data(#"{"reprise": {"hob": "billing"}}"#.utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            for command in ["list", "count"] {
                let run = try await reprise(command, environment: ["REPRISE_CONFIG": file.path])
                #expect(run.code == 64, "\(run)")
                #expect(run.errors.contains("there is no setting 'reprise.hob'; did you mean 'reprise.hub'?"))
            }
        }

        /// It may be a setting of a later release, or a variable of someone else's.
        @Test func aStrangeVariableIsRemarkedOn() async throws {
            let run = try await reprise("list", environment: ["REPRISE_WORKERS": "8", "REPRISE_HUB": "Not A Hub"])
            #expect(run.errors.contains("warning: not read, since reprise"), "\(run)")
            #expect(run.errors.contains("has no such setting: REPRISE_WORKERS"))
        }

        @Test func aFileThatIsNotThere() async throws {
            let run = try await reprise("list", environment: ["REPRISE_CONFIG": "/no/such/file.json"])
            #expect(run.code == 64)
            #expect(run.errors.contains("the configuration file '/no/such/file.json' cannot be read"))
        }
    }
}
