import Foundation
import RepriseTestSupport
import Testing

extension Commands {
    @Suite struct StartTests {
        private static let output = #"["Hello Tokyo!","Hello Seattle!","Hello London!"]"#

        @Test func printsTheID() async throws {
            let run = try await reprise("start", "E1_HelloSequence")
            #expect(run.code == 0, "\(run)")
            #expect(run.output.wholeMatch(of: /[0-9a-f]{32}\n/) != nil)
            #expect(run.errors.isEmpty)
        }

        @Test func watchesEveryChange() async throws {
            let run = try await reprise("start", "E1_HelloSequence", "--watch")
            #expect(run.code == 0, "\(run)")
            #expect(run.output == Self.output + "\n")
            let changes = run.errors.split(separator: "\n").map { $0.drop { $0 != "v" } }
            #expect(
                changes == [
                    "v1    Running", "v2    Running     \"Tokyo\"", "v3    Running     \"Seattle\"",
                    "v4    Running     \"London\"", "v5    Completed   \"London\"",
                ]
            )
        }

        @Test func aTerminalKeepsALineForEachChange() async throws {
            let command = "\(try TestEnvironment.program("reprise")) start E1_HelloSequence --id on-a-terminal --watch"
            let environment = try #require(SampleHub.current).environment.merging(["TERM": "xterm"]) { $1 }
            let run = try await Program(["script", "-qec", command, "/dev/null"], environment: environment).outcome()
            #expect(run.code == 0, "\(run)")
            // What was drawn over is before the last return to the line's beginning.
            let lines = run.output.split(separator: "\r\n").map { $0.split(separator: "\r").last ?? "" }
            try #require(lines.count == 7, "\(run)")
            for (line, change) in zip(lines, ["v1", "v2", "v3", "v4", "v5"]) { #expect(line.contains(change)) }
            #expect(lines[1].contains("Tokyo") && lines[5].contains("Completed") && lines[5].contains("v5"))
            #expect(lines[6] == Self.output[...])
        }

        @Test func theSameKeyStartsOnce() async throws {
            let first = try await reprise("start", "CityRecommender", "--key", "order-1", "--input", "1")
            let second = try await reprise("start", "CityRecommender", "--key", "order-1", "--input", "1")
            #expect(first.code == 0 && second.code == 0)
            #expect(first.output == second.output)
            let other = try await reprise("start", "CityRecommender", "--key", "order-1", "--input", "2")
            #expect(other.code == 1)
            #expect(other.errors == "error: another start with this message id was accepted before\n")
            let watched = try await reprise(
                "start",
                "CityRecommender",
                "--key",
                "order-1",
                "--input",
                "1",
                "--watch",
                "--timeout",
                "0.5"
            )
            #expect(watched.code == 3)
            #expect(watched.errors.contains("v2    Running"))
        }

        @Test func anIDIsNotTakenTwice() async throws {
            let first = try await reprise("start", "CityRecommender", "--id", "taken", "--input", "1")
            #expect(first.output == "taken\n")
            let second = try await reprise("start", "CityRecommender", "--id", "taken", "--input", "1")
            #expect(second.code == 1)
            #expect(second.errors.contains("an instance 'taken' with the status Running already exists"))
        }

        @Test func inputFromAFileAndFromStandardInput() async throws {
            let run = try await reprise("start", "CityRecommender", "--id", "piped", "--input-file", "-", input: " 3\n")
            #expect(run.code == 0, "\(run)")
            let status = try await reprise("status", "piped", "--json")
            #expect(status.output.contains(#""customStatus":{"recommendedCities":["Tokyo","London"]"#), "\(status)")
        }

        @Test func unknownOrchestrator() async throws {
            let run = try await reprise("start", "Nope")
            #expect(run.code == 1)
            #expect(run.errors.hasPrefix("error: there is no orchestrator 'Nope'; this node has: ApprovePurchase, "))
            #expect(run.output.isEmpty)
            // The sender handles the refusal: it does not become a dead letter.
            #expect(try await reprise("dead", "list").errors.hasPrefix("no dead letters"))
        }

        @Test func oneThatFails() async throws {
            let run = try await reprise("start", "CityRecommender", "--input", "9", "--watch")
            #expect(run.code == 1)
            #expect(run.errors.contains("failed: UnknownChoice: the input is 1, 2 or 3, not 9"))
            #expect(run.output.isEmpty)
        }

        @Test func notInTime() async throws {
            let run = try await reprise("start", "CityRecommender", "--input", "1", "--watch", "--timeout", "0.5")
            #expect(run.code == 3)
            #expect(run.errors.contains("has not ended within 0.50 s; it still runs: reprise watch "))
        }

        @Test func ctrlC() async throws {
            let run = try await Program(
                [try TestEnvironment.program("reprise"), "start", "CityRecommender", "--input", "1", "--watch"],
                environment: try #require(SampleHub.current).environment
            )
            try await run.says("v2", on: "errors")
            run.signal(SIGINT)
            let outcome = try await run.outcome()
            #expect(outcome.code == 130)
            #expect(!outcome.errors.contains("error"))
        }

        @Test func waitsQuietly() async throws {
            let run = try await reprise("start", "E1_HelloSequence", "--wait")
            #expect(run.code == 0 && run.output == Self.output + "\n" && run.errors.isEmpty, "\(run)")
        }

        @Test func keepsWhatItWasGiven() async throws {
            let run = try await reprise(
                "start",
                "CityRecommender",
                "--id",
                "later",
                "--input",
                "1",
                "--at",
                "+1h",
                "--tag",
                "team=travel",
                "--tag",
                "region=eu"
            )
            #expect(run.code == 0 && run.output == "later\n", "\(run)")
            let status = try await reprise("status", "later")
            #expect(status.output.contains("status         Pending\n"), "\(status)")
            #expect(status.output.contains("tags           region=eu team=travel\n"))
            #expect(status.output.contains(/start time     20\S+Z  \(in (1 h 00 min|59 min \d\d s)\)\n/))
            let listed = try await reprise("list", "--tag", "team=travel", "--tag", "region=eu", "--json")
            let objects = try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]]
            #expect(objects?.count == 1)
            #expect(objects?.first?["tags"] as? [String: String] == ["region": "eu", "team": "travel"])
            #expect(try await reprise("list", "--tag", "team=other", "--json").output == "[]\n")
            #expect(try await reprise("terminate", "later").code == 0)
        }

        @Test func whereTheIDIsTaken() async throws {
            func start(_ existing: String) async throws -> Program.Outcome {
                try await reprise(
                    "start",
                    "CityRecommender",
                    "--id",
                    "claimed",
                    "--input",
                    "1",
                    "--if-exists",
                    existing,
                    "--raise",
                    "CitySelected",
                    "--event",
                    #""Tokyo""#,
                    "--wait"
                )
            }
            let first = try await start("refuse")
            #expect(first.code == 0 && first.output == "\"Tokyo\"\n", "\(first)")
            let refused = try await start("refuse")
            #expect(refused.code == 1 && refused.errors.contains("'claimed'"), "\(refused)")
            let replaced = try await start("replace")
            #expect(replaced.code == 0 && replaced.output == "\"Tokyo\"\n", "\(replaced)")
        }
    }
}
