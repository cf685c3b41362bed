import Foundation
import RepriseKernel
import RepriseTestSupport
import Testing

extension Commands {
    @Suite struct InstanceTests {
        private func startTrip(_ id: String) async throws {
            let run = try await reprise("start", "CityRecommender", "--id", id, "--input", "2")
            try #require(run.code == 0, "\(run)")
        }

        private func refused(_ sentence: String, _ run: Program.Outcome) {
            #expect(run.code == 1, "\(run)")
            #expect(run.errors == "error: \(sentence)\n")
            #expect(run.output.isEmpty)
        }

        @Test func aLife() async throws {
            try await startTrip("life")
            let status = try await reprise("status", "life")
            #expect(status.code == 0)
            #expect(
                status.output.contains("orchestrator   CityRecommender\nstatus         Running\nversion        2 of ")
            )
            #expect(status.output.contains(#"custom status  {"recommendedCities":["Seattle","London"]"#))

            #expect(try await reprise("suspend", "life", "--reason", "auditors").errors == "suspended 'life'\n")
            refused("instance 'life' is already suspended", try await reprise("suspend", "life"))
            #expect(try await reprise("resume", "life").code == 0)
            refused("instance 'life' is not suspended", try await reprise("resume", "life"))
            refused(
                "instance 'life' is Running; only ended instances can be purged",
                try await reprise("purge", "life")
            )

            #expect(try await reprise("raise", "life", "cityselected", #""London""#).code == 0)
            let watched = try await reprise("watch", "life")
            #expect(watched.code == 0, "\(watched)")
            #expect(watched.output == "\"London\"\n")
            refused("instance 'life' has ended: Completed", try await reprise("raise", "life", "CitySelected", "1"))

            let history = try await reprise("status", "life", "--history")
            for event in [
                "ExecutionStarted", "ExecutionSuspended", "EventRaised", "CustomStatusSet", "ExecutionCompleted",
            ] {
                #expect(history.output.contains(event), "\(history)")
            }
            #expect(try await reprise("purge", "life").errors == "purged 'life'\n")
            refused("there is no instance 'life'", try await reprise("purge", "life"))
        }

        @Test func aMisspeltEventIsShown() async throws {
            try await startTrip("misspelt")
            let misspelt = try await reprise("raise", "misspelt", "CitySelcted", #""London""#)
            #expect(misspelt.code == 0)
            #expect(
                misspelt.errors == """
                    raised 'CitySelcted' for 'misspelt'
                    'misspelt' waits for CitySelected, not CitySelcted: the event is kept until it does

                    """
            )
            let unread = try await reprise("status", "misspelt")
            #expect(
                unread.output.contains("waits for      CitySelected\nunread events  CitySelcted, raised "),
                "\(unread)"
            )
            #expect(
                try await reprise("status", "misspelt", "--json").output.contains(
                    #""unreadEvents":[{"name":"CitySelcted","#
                )
            )
            #expect(try await reprise("terminate", "misspelt").code == 0)
        }

        @Test func watchingUntilSomethingHolds() async throws {
            try await startTrip("until")
            let met = try await reprise("watch", "until", "--until", #"customStatus.recommendedCities has "London""#)
            #expect(met.code == 0 && met.output.contains(#""recommendedCities":["Seattle","London"]"#), "\(met)")
            let late = try await reprise("watch", "until", "--until", "customStatus.x == 1", "--timeout", "0.3")
            #expect(late.code == 3 && late.errors.contains("has not got to customStatus.x == 1 within"), "\(late)")
            #expect(try await reprise("terminate", "until").code == 0)
            let never = try await reprise("watch", "until", "--until", "customStatus.x == 1")
            #expect(never.code == 3, "\(never)")
            #expect(never.errors.contains("'until' is Terminated, and never reached customStatus.x == 1"), "\(never)")
            #expect(try await reprise("watch", "until", "--until", "customStatus.").code == 64)
        }

        @Test func statusAsJSON() async throws {
            try await startTrip("as-json")
            let run = try await reprise("status", "as-json", "--history", "--json")
            let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
            #expect(object?["instanceId"] as? String == "as-json")
            #expect(object?["runtimeStatus"] as? String == "Running")
            #expect((object?["history"] as? [[String: Any]])?.first?["event"] as? String == "ExecutionStarted")
        }

        @Test func terminated() async throws {
            try await startTrip("ended")
            #expect(try await reprise("terminate", "ended", "--reason", "enough").code == 0)
            let run = try await reprise("watch", "ended")
            #expect(run.code == 1)
            #expect(run.errors.hasSuffix("error: 'ended' was terminated: \"enough\"\n"))
            #expect(try await reprise("status", "ended").output.contains("reason         \"enough\"\n"))
        }

        @Test func canceled() async throws {
            try await startTrip("unwanted")
            let told = try await reprise("cancel", "unwanted", "--reason", "enough", "--grace", "90s")
            #expect(told.code == 0 && told.errors == "told to clean up: 'unwanted'\n")
            let run = try await reprise("watch", "unwanted")
            #expect(run.code == 1)
            #expect(run.errors.hasSuffix("error: 'unwanted' was canceled: \"enough\"\n"), "\(run)")
            #expect(try await reprise("status", "unwanted").output.contains("reason         \"enough\"\n"))
            refused("instance 'unwanted' has ended: Canceled", try await reprise("cancel", "unwanted"))
            #expect(try await reprise("cancel", "unwanted", "--grace", "soon").code == 64)
        }

        @Test func purgedWhileWatched() async throws {
            try await startTrip("watched")
            let watch = try await Program(
                [try TestEnvironment.program("reprise"), "watch", "watched"],
                environment: try #require(SampleHub.current).environment
            )
            try await watch.says("v2", on: "errors")
            #expect(try await reprise("terminate", "watched").code == 0)
            let outcome = try await watch.outcome()
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("v3    Terminated"))
        }

        @Test(arguments: [
            ["status", "nobody"], ["watch", "nobody"], ["raise", "nobody", "E"], ["terminate", "nobody"],
            ["suspend", "nobody"], ["resume", "nobody"], ["purge", "nobody"], ["wait", "nobody"],
            ["cancel", "nobody"],
            ["history", "nobody"],
            ["restart", "nobody"],
        ])
        func noSuchInstance(command: [String]) async throws {
            let environment = try #require(SampleHub.current).environment
            let run = try await Program([try TestEnvironment.program("reprise")] + command, environment: environment)
                .outcome()
            #expect(run.code == 1)
            #expect(run.errors.hasPrefix("error: there is no instance 'nobody'"), "\(run)")
        }

        @Test func lists() async throws {
            for number in 1...3 { try await startTrip("list-\(number)") }
            #expect(try await reprise("terminate", "list-2").code == 0)
            let all = try await reprise("list", "--prefix", "list-")
            #expect(all.lines.map { $0.prefix(8) } == ["INSTANCE", "list-3  ", "list-2  ", "list-1  "], "\(all)")
            #expect(all.lines[0] == "INSTANCE  ORCHESTRATOR     STATUS      CREATED     CUSTOM STATUS")
            let running = try await reprise("list", "--prefix", "list-", "--status", "running", "--json")
            let objects = try JSONSerialization.jsonObject(with: Data(running.output.utf8)) as? [[String: Any]]
            #expect(objects?.map { $0["instanceId"] as? String } == ["list-3", "list-1"])
            let one = try await reprise("list", "--prefix", "list-", "--top", "1")
            #expect(one.lines.count == 2)
            #expect(one.errors == "1 of 3; more with --top\n")
            let none = try await reprise("list", "--name", "Nope")
            #expect(none.code == 0 && none.output.isEmpty)
            #expect(try await reprise("list", "--name", "Nope", "--json").output == "[]\n")
        }

        @Test func waits() async throws {
            try await startTrip("waited")
            let late = try await reprise("wait", "waited", "--timeout", "0.3")
            #expect(late.code == 3 && late.output.isEmpty, "\(late)")
            #expect(late.errors.contains("'waited' has not ended within 0.30 s; it still runs: reprise watch waited"))
            #expect(try await reprise("raise", "waited", "CitySelected", #""London""#).code == 0)
            let done = try await reprise("wait", "waited")
            #expect(done.code == 0 && done.output == "\"London\"\n" && done.errors.isEmpty, "\(done)")
        }

        @Test func historyIsReadBack() async throws {
            try await startTrip("recorded")
            #expect(try await reprise("raise", "recorded", "CitySelected", #""London""#).code == 0)
            #expect(try await reprise("wait", "recorded").code == 0)
            let shown = try await reprise("history", "recorded")
            #expect(shown.lines.first?.hasPrefix("TIME") == true)
            #expect(shown.lines.last?.contains("ExecutionCompleted") == true)
            let exported = try await reprise("history", "recorded", "--json")
            let history = try HistoryJSON.decode(Array(exported.output.utf8))
            #expect(history.instance.value == "recorded" && history.incarnation > 0)
            #expect(history.records.count == shown.lines.count - 1)
            guard case .executionStarted(let start)? = history.records.first?.event else {
                Issue.record("no start: \(exported)")
                return
            }
            #expect(start.name == "CityRecommender" && start.input.text == "2")
        }

        @Test func restartedUnderAnotherIDAndInPlace() async throws {
            try await startTrip("first")
            let again = try await reprise("restart", "first", "--new-id", "second")
            #expect(again.code == 0 && again.output == "second\n", "\(again)")
            try await until("the second has its input") {
                try await reprise("status", "second").output.contains("input          2\n")
            }
            refused(
                "instance 'first' is Running; only an ended instance can be restarted under its own id",
                try await reprise("restart", "first", "--same-id")
            )
            #expect(try await reprise("terminate", "first").code == 0)
            #expect(try await reprise("restart", "first", "--same-id").output == "first\n")
            #expect(try await reprise("status", "first").output.contains("status         Running\n"))
            let drawn = try await reprise("restart", "second")
            #expect(drawn.output.wholeMatch(of: /[0-9a-f]{32}\n/) != nil, "\(drawn)")
        }

        @Test func purgesManyThatHaveEnded() async throws {
            for number in 1...4 { try await startTrip("many-\(number)") }
            for number in 1...3 { #expect(try await reprise("terminate", "many-\(number)").code == 0) }
            let dry = try await reprise("purge", "--prefix", "many-", "--dry-run")
            #expect(dry.code == 0 && dry.lines.sorted() == ["many-1", "many-2", "many-3"], "\(dry)")
            #expect(dry.errors == "would purge 3 instances\n")
            let young = try await reprise("purge", "--prefix", "many-", "--older-than", "1h")
            #expect(young.code == 0 && young.errors == "purged 0 instances\n")
            let purged = try await reprise("purge", "--prefix", "many-", "--status", "terminated")
            #expect(purged.code == 0 && purged.errors == "purged 3 instances\n", "\(purged)")
            #expect(try await reprise("list", "--prefix", "many-").lines.map { $0.prefix(6) } == ["INSTAN", "many-4"])
        }

        @Test func anEntity() async throws {
            let none = try await reprise("entity", "get", "@counter@clicks")
            #expect(none.code == 1 && none.errors.hasPrefix("error: there is no entity '@counter@clicks' in hub 'cli-"))
            let sent = try await reprise("entity", "signal", "@Counter@clicks", "add", "5")
            #expect(sent.code == 0 && sent.errors == "sent 'add' to '@Counter@clicks'\n", "\(sent)")
            try await until("it has counted") { try await reprise("entity", "get", "@counter@clicks").output == "5\n" }
            let listed = try await reprise("entity", "list", "--name", "Counter")
            #expect(listed.lines.map { $0.prefix(15) } == ["ENTITY         ", "@counter@clicks"], "\(listed)")
            #expect(try await reprise("entity", "list", "--name", "other", "--json").output == "[]\n")
            #expect(try await reprise("list", "--prefix", "@").output.isEmpty)
            let unknown = try await reprise("entity", "signal", "@nobody@1", "add")
            #expect(unknown.code == 1 && unknown.errors.hasPrefix("error: there is no entity 'nobody'"), "\(unknown)")
        }

        @Test func aSchedule() async throws {
            let created = try await reprise(
                "schedule",
                "create",
                "hourly",
                "E1_HelloSequence",
                "--every",
                "1h",
                "--tag",
                "by=schedule"
            )
            #expect(created.code == 0 && created.errors == "created 'hourly'\n", "\(created)")
            try await until("it has started") {
                try await reprise("list", "--tag", "by=schedule").output.contains("hourly@20")
            }
            let listed = try await reprise("schedule", "list")
            #expect(listed.lines.first?.hasPrefix("SCHEDULE  STATUS   STARTS            WHEN") == true, "\(listed)")
            #expect(listed.lines.last?.contains("every 1 h 00 min") == true)
            refused(
                "an instance 'hourly' with the status Running already exists",
                try await reprise("schedule", "create", "hourly", "E1_HelloSequence", "--every", "1h")
            )
            let paused = try await reprise("schedule", "pause", "hourly", "--note", "closed today")
            #expect(paused.errors == "paused 'hourly'\n")
            #expect(try await reprise("schedule", "list").lines.last?.contains("Paused") == true)
            #expect(try await reprise("schedule", "trigger", "hourly").errors == "triggered 'hourly'\n")
            try await until("it was triggered") {
                try await reprise("schedule", "show", "hourly").output.contains("  trigger  ")
            }
            let shown = try await reprise("schedule", "show", "hourly")
            for words in [
                "status         Paused", "overlap        allowAll", "note           closed today", "started        2",
            ] {
                #expect(shown.lines.contains(words), "\(shown)")
            }
            #expect(shown.output.contains("DUE                   CAUSE    STATUS"), "\(shown)")
            #expect(try await reprise("schedule", "unpause", "hourly").errors == "unpaused 'hourly'\n")
            let (first, last) = ("2099-01-01", "2099-01-01T01:30:00Z")
            let filled = try await reprise("schedule", "backfill", "hourly", "--from", first, "--to", last)
            #expect(filled.errors == "backfilling 'hourly'\n", "\(filled)")
            try await until("it has filled an hour of 2099") {
                try await reprise("schedule", "show", "hourly", "--json").output.contains(#""cause":"backfill"#)
            }
            #expect(try await reprise("schedule", "delete", "hourly").errors == "deleted 'hourly'\n")
            #expect(try await reprise("schedule", "list").output.isEmpty)
            let none = try await reprise("schedule", "pause", "hourly")
            #expect(none.code == 1 && none.errors.hasPrefix("error: there is no schedule 'hourly' in hub"), "\(none)")
        }

        /// Its starts would all be refused without anyone noticing: the one who misspelled it must be told.
        @Test func aScheduleOfAnOrchestratorThatNobodyHas() async throws {
            let created = try await reprise("schedule", "create", "typo", "Helo", "--every", "1h", "--at", "+1d")
            #expect(created.code == 0 && created.errors.hasPrefix("created 'typo'\n"), "\(created)")
            #expect(created.errors.contains("has an orchestrator 'Helo'"), "\(created)")
            #expect(try await reprise("schedule", "delete", "typo").code == 0)
        }
    }
}
