import Foundation
import RepriseTestSupport
import Testing

extension Commands {
    @Suite struct SearchTests {
        /// Filters, orders, counts and indexes, through a gateway that follows a real hub.
        @Test func findsInstancesByTheirStatus() async throws {
            let hub = try #require(SampleHub.current)
            for number in 1...3 {
                let run = try await reprise(
                    "start",
                    "CityRecommender",
                    "--id",
                    "find-\(number)",
                    "--input",
                    "\(number)"
                )
                try #require(run.code == 0, "\(run)")
            }
            let data = hub.directory.appending(path: "search").path
            let gateway = try await Program(
                [try TestEnvironment.program("reprise"), "gateway", "--data", data, "--port", "0"],
                environment: hub.environment
            )
            try await gateway.says("gateway ready: ", on: "output")
            let place = try String(
                #require(try gateway.read("output").firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\//)).output.0
            )
            func ask(_ arguments: String...) async throws -> Program.Outcome {
                try await Program(
                    [try TestEnvironment.program("reprise")] + arguments + ["--gateway", place],
                    environment: ["REPRISE_HUB": hub.name]
                ).outcome()
            }
            let path = "customStatus.recommendedCities"
            var count = try await ask("count", "--prefix", "find-", "--filter", "\(path) exists")
            while count.output != "3\n" {
                try #require(count.code == 0, "\(count)")
                count = try await ask("count", "--prefix", "find-", "--filter", "\(path) exists")
            }
            #expect(try await ask("count", "--prefix", "find-", "--filter", "\(path) has 'Seattle'").output == "2\n")
            let listed = try await ask(
                "list",
                "--prefix",
                "find-",
                "--order-by",
                "input desc",
                "--filter",
                "input >= 2",
                "--json"
            )
            #expect(
                listed.lines.compactMap { $0.firstMatch(of: /find-\d/).map { String($0.output) } } == [
                    "find-3", "find-2",
                ]
            )
            let table = try await ask("list", "--prefix", "find-", "--top", "1", "--order-by", "instanceId desc")
            #expect(table.lines.count == 2 && table.lines[1].hasPrefix("find-3"), "\(table)")
            #expect(table.errors == "1, and there are more; more with --top\n")

            #expect(
                try await ask("index", "add", "customStatus.stage").errors.hasPrefix("indexed 'customStatus.stage' in ")
            )
            #expect(
                try await ask("index", "add", "customStatus.stage").errors
                    == "'customStatus.stage' already has an index\n"
            )
            #expect(try await ask("index", "list").lines.last == "customStatus.stage")
            let groups = try await ask("count", "--prefix", "find-", "--group-by", "customStatus.stage")
            #expect(groups.lines == ["3  (none)", "3  in all"])
            let json = try await ask("count", "--prefix", "find-", "--group-by", "name", "--json")
            #expect(
                json.output.filter { !$0.isWhitespace }
                    == #"{"total":3,"groups":[{"value":"CityRecommender","count":3}],"isTruncated":false}"#
            )
            #expect(try await ask("index", "remove", "customStatus.stage").code == 0)
            let gone = try await ask("index", "remove", "customStatus.stage")
            #expect(gone.code == 1 && gone.errors == "error: 'customStatus.stage' has no index that was added\n")
            let wrong = try await ask("list", "--filter", "stage == 1")
            #expect(wrong.code == 64)
            #expect(wrong.errors.hasPrefix("error: filter cannot be read: at character 1: there is no field 'stage'"))

            gateway.signal(SIGTERM)
            #expect(try await gateway.outcome().code == 0)
            for number in 1...3 { _ = try await reprise("terminate", "find-\(number)") }
        }
    }
}
