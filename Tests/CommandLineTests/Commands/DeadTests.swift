import Foundation
import RabbitMQ
import RepriseBroker
import RepriseKernel
import RepriseTestSupport
import Testing

extension Commands {
    @Suite struct DeadTests {
        /// A stranger's start, without a reply address, of what does not exist.
        private func publishNonsense(_ id: String) async throws {
            let hub = try #require(SampleHub.current)
            let connection = try await RabbitMQConnection.open(
                BrokerEndpoint(url: hub.url, name: "stranger").configuration
            )
            let channel = try await connection.openChannel()
            let properties = RabbitMQProperties(contentType: "application/json", correlationID: id, messageID: id)
            try await channel.publish(
                RabbitMQMessage(properties: properties, body: Array("1".utf8)),
                exchange: HubNames(HubName(hub.name)).commands,
                routingKey: "start.Nope"
            )
            await connection.close()
        }

        private func letters() async throws -> [[String: Any]] {
            let run = try await reprise("dead", "list", "--json")
            return try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
        }

        private func waitForLetters(_ count: Int) async throws -> [[String: Any]] {
            try await untilFound("there are \(count) dead letters") {
                let found = try await letters()
                return found.count == count ? found : nil
            }
        }

        @Test func aLetterIsShownRetriedAndDropped() async throws {
            try await publishNonsense("dead-1")
            let letter = try #require(try await waitForLetters(1).first)
            let id = try #require(letter["id"] as? String)
            #expect(letter["correlationId"] as? String == "dead-1")
            #expect(letter["routingKey"] as? String == "start.Nope")

            let table = try await reprise("dead", "list")
            #expect(table.lines.count == 2)
            #expect(table.output.contains("there is no orchestrator 'Nope'"))
            let shown = try await reprise("dead", "show", id)
            #expect(shown.output.contains("code              UnknownOrchestrator\n"), "\(shown)")
            #expect(shown.output.hasSuffix("body              1\n"))
            let doctor = try await reprise("doctor")
            #expect(doctor.code == 1)
            #expect(doctor.output.contains(/!!  dead letters +1 message → reprise dead list\n/), "\(doctor)")

            // Nothing was mended: it comes back as another letter.
            let retried = try await reprise("dead", "retry", id)
            #expect(retried.code == 0, "\(retried)")
            #expect(retried.errors.hasPrefix("published \(id) again: exchange reprise."))
            let second = try #require(try await waitForLetters(1).first?["id"] as? String)
            #expect(second != id)
            #expect(try await reprise("dead", "drop", second).errors == "dropped \(second)\n")
            #expect(try await letters().isEmpty)
        }

        @Test func severalAtOnce() async throws {
            for number in 1...3 { try await publishNonsense("many-\(number)") }
            let first = try #require(try await waitForLetters(3).first?["id"] as? String)
            let run = try await reprise("dead", "drop", first, "nope")
            #expect(run.code == 1)
            #expect(run.errors.hasSuffix("error: 1 of 2 dead letters could not be dealt with\n"))
            let top = try await reprise("dead", "list", "--top", "1")
            #expect(top.errors == "1 of 2; more with --top\n")
            #expect(try await reprise("dead", "drop", "--all").code == 0)
            #expect(try await letters().isEmpty)
            #expect(try await reprise("dead", "drop", "--all").code == 0)
        }

        @Test(arguments: ["show", "retry", "drop"])
        func noSuchLetter(command: String) async throws {
            let run = try await reprise("dead", command, "nope")
            #expect(run.code == 1)
            #expect(run.errors.hasPrefix("error: there is no dead letter 'nope' in hub '"))
        }
    }
}
