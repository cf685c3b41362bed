import Foundation
import Testing

extension Commands {
    @Suite struct DoctorTests {
        @Test func allIsWell() async throws {
            let hub = try #require(SampleHub.current)
            let run = try await reprise("doctor", "--data", hub.data)
            #expect(run.code == 0, "\(run)")
            #expect(run.lines.allSatisfy { $0.hasPrefix("ok  ") || $0.hasPrefix("--  ") })
            for number in 0..<4 {
                #expect(run.output.contains("ok  partition \(number)"), "\(run)")
                #expect(run.output.contains(/ok  journal \d +open in a node/))
            }
            #expect(run.output.contains(/ok  dead letters +none/))
            #expect(run.output.contains(/ok  broker +RabbitMQ \d+\.\d+\S* at\b/))
        }

        @Test func asJSON() async throws {
            let run = try await reprise("doctor", "--json")
            let findings = try #require(
                try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
            )
            #expect(findings.contains { $0["subject"] as? String == "broker" && $0["state"] as? String == "ok" })
        }

        @Test func anActivityThatNobodyServes() async throws {
            let run = try await reprise("doctor", "--activity", "Nobody", "--activity", "E1_SayHello")
            #expect(run.code == 1)
            #expect(run.output.contains(/!!  activity Nobody +it has no queue: [^→]+ → start a worker/), "\(run)")
            #expect(run.output.contains(/ok  activity E1_SayHello +0 tasks waiting, 1 worker/))
        }

        @Test func noHub() async throws {
            let run = try await reprise("doctor", "--hub", "no-such-hub")
            #expect(run.code == 1)
            #expect(run.output.contains("ok  broker"))
            #expect(run.output.contains("!!  hub     there is no hub 'no-such-hub'"), "\(run)")
        }

        @Test func noBroker() async throws {
            let run = try await reprise("doctor", "--amqp-url", "amqp://127.0.0.1:1/")
            #expect(run.code == 1)
            #expect(run.lines.count == 1)
            #expect(run.output.contains("→ start it, or set --amqp-url"))
        }

        /// A node that is away, and its journals on the disk.
        @Test func nobodyIsThere() async throws {
            let hub = try await SampleHub.start()
            defer { hub.remove() }
            _ = try await reprise(
                "start",
                "CityRecommender",
                "--id",
                "left",
                "--input",
                "1",
                environment: hub.environment
            )
            try await hub.stop()

            let run = try await reprise("doctor", "--data", hub.data, environment: hub.environment)
            #expect(run.code == 1)
            #expect(
                run.output.contains(
                    /!!  partition 0 +no node owns it; 0 messages in its inbox → start the node whose data/
                ),
                "\(run)"
            )
            #expect(run.output.contains(/!!  intake +0 messages waiting, and no node forwards them/))
            #expect(run.output.contains(/ok  journal 0 +sound, closed/))
            // No one could be asked: an instance waits for its children, or for anything else.
            #expect(run.output.contains(/--  activities +which ones instances wait for is not known/), "\(run)")

            let file = "\(hub.data)/partition-0.sqlite"
            let handle = try FileHandle(forWritingTo: URL(filePath: file))
            try handle.seek(toOffset: 0)
            try handle.write(contentsOf: Data(repeating: 0x5A, count: 512))
            try handle.close()
            let damaged = try await reprise("doctor", "--data", hub.data, environment: hub.environment)
            #expect(damaged.output.contains(/!!  journal 0\b/), "\(damaged)")

            for command in ["status", "terminate"] {
                let unanswered = try await reprise(command, "left", environment: hub.environment)
                #expect(unanswered.code == 69)
                #expect(
                    unanswered.errors.contains("did not answer within 10.0 seconds: is a node that owns it running?")
                )
            }
        }
    }
}
