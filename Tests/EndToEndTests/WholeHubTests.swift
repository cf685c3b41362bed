import Foundation
import RepriseClient
import RepriseKernel
import RepriseTestSupport
import Testing

/// A user's own program that is node and gateway in one process, with middleware before the gateway.
@Suite(.serialized) struct WholeHubTests {
    @Test(.timeLimit(.minutes(2))) func oneProcessIsNodeAndGateway() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "whole")
        defer { hub.remove() }
        let log = hub.directory.appending(path: "whole.log")
        for _ in 0..<2 {
            let program = try await RunningProgram.start(
                "whole-hub",
                environment: hub.environment,
                log: log,
                ready: "gateway ready"
            )
            let said = try String(contentsOf: log, encoding: .utf8)
            let address = try #require(said.matches(of: /gateway ready: (http:\/\/[0-9.:]+)\//).last?.output.1)
            let stranger = try RepriseClient(String(address), hub: hub.name.value)
            let refusal = await #expect(throws: RepriseError.self) { try await stranger.start("Greeting", "Kyoto") }
            #expect(
                refusal?.code == .forbidden && refusal?.httpStatus == 401,
                "the program's middleware is asked first"
            )
            let client = try RepriseClient(
                String(address),
                hub: hub.name.value,
                options: RepriseClient.Options(headers: ["Authorization": "Bearer whole"])
            )
            let id = try await client.start("Greeting", "Tokyo")
            #expect(try await client.result(of: id, as: String.self, timeout: .seconds(30)) == "Hello Tokyo!")
            await program.stop()
            #expect(await program.end() == 0, "told to stop, it ends well; what it had is free again")
        }
    }
}
