import Foundation
import RepriseTestSupport
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension Commands {
    @Suite struct GatewayTests {
        private func gateway(_ data: String, _ arguments: String...) async throws -> Program {
            try await Program(
                [try TestEnvironment.program("reprise"), "gateway", "--data", data] + arguments,
                environment: try #require(SampleHub.current).environment
            )
        }

        private func address(of gateway: Program) async throws -> String {
            try await gateway.says("gateway ready: ", on: "output")
            return try String(
                #require(try gateway.read("output").firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\//)).output.0
            )
        }

        @Test func servesAndStopsInOrder() async throws {
            let data = try #require(SampleHub.current).directory.appending(path: "gateway").path
            _ = try await reprise("start", "E1_HelloSequence", "--id", "over-http", "--watch")
            let gateway = try await gateway(data, "--port", "0")
            let place = try await address(of: gateway)
            let url = try #require(URL(string: "\(place)runtime/webhooks/durabletask/instances/over-http"))
            let (body, _) = try await URLSession.shared.data(from: url)
            #expect(String(decoding: body, as: UTF8.self).contains("Hello London!"))

            let second = try await self.gateway(data, "--port", "0").outcome()
            #expect(second.code == 1)
            #expect(second.errors.contains("is in use by another gateway"))
            let rebuild = try await reprise("rebuild-status", "--data", data)
            #expect(rebuild.code == 1)
            #expect(rebuild.errors.contains("is in use by another gateway"))
            let port = try #require(url.port)
            let taken = try await self.gateway("\(data)-other", "--port", String(port)).outcome()
            #expect(taken.code == 1)
            #expect(
                taken.errors.contains("cannot listen on 127.0.0.1:\(port): the port is taken"),
                "\(taken)"
            )

            gateway.signal(SIGTERM)
            #expect(try await gateway.outcome().code == 0)
            let rebuilt = try await reprise("rebuild-status", "--data", data)
            #expect(rebuilt.code == 0, "\(rebuilt)")
            #expect(rebuilt.errors.contains("partition 0: "))
            #expect(rebuilt.errors.contains(/read \d+ instances? of hub/))
            let doctor = try await reprise("doctor", "--data", data)
            #expect(doctor.output.contains(/ok  read model +sound, closed/), "\(doctor)")
        }

        /// It waited for the broker, perhaps for hours, and only then found that it had nowhere to listen.
        @Test func saysThatThePortIsTakenBeforeItAsksTheBroker() async throws {
            let data = try #require(SampleHub.current).directory.appending(path: "taken").path
            let first = try await gateway("\(data)-1", "--port", "0")
            let port = try #require(URL(string: try await address(of: first))?.port)
            let second = try await gateway("\(data)-2", "--port", String(port), "--amqp-url", "amqp://127.0.0.1:1/")
                .outcome()
            #expect(
                second.errors == """
                    error: cannot listen on 127.0.0.1:\(port): the port is taken (by another gateway?); stop that \
                    process, or choose another port

                    """
            )
            #expect(second.code == 1)
            first.signal(SIGTERM)
            #expect(try await first.outcome().code == 0)
        }

        @Test func waitsForTheHub() async throws {
            let data = try #require(SampleHub.current).directory.appending(path: "waiting").path
            let gateway = try await gateway(data, "--port", "0", "--hub", "not-yet")
            try await gateway.says("Waiting: there is no hub 'not-yet'", on: "errors")
            gateway.signal(SIGINT)
            let outcome = try await gateway.outcome()
            #expect(outcome.code == 0, "\(outcome)")
            #expect(!outcome.output.contains("gateway ready"))
        }

        @Test func rebuildWithoutABroker() async throws {
            let data = try #require(SampleHub.current).directory.appending(path: "alone").path
            let run = try await reprise("rebuild-status", "--data", data, "--amqp-url", "amqp://127.0.0.1:1/")
            #expect(run.code == 69)
        }
    }
}
