import Foundation
import Testing

extension Commands {
    @Suite struct BenchTests {
        @Test func measures() async throws {
            let run = try await reprise(
                "bench",
                "hello",
                "--count",
                "60",
                "--warmup",
                "5",
                "--concurrency",
                "20",
                "--json"
            )
            #expect(run.code == 0, "\(run)")
            let report = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
            #expect(report["count"] as? Int == 60)
            #expect(report["wrong"] as? Int == 0)
            #expect(report["repeated"] as? Int == 0)
            #expect((report["orchestrationsPerSecond"] as? Double ?? 0) > 0)
            #expect((report["brokerConfirmsPerSecond"] as? Double ?? 0) > 0)
            let latency = try #require(report["latencyMilliseconds"] as? [String: Double])
            let (median, longest) = (try #require(latency["p50"]), try #require(latency["max"]))
            #expect(median <= longest)
        }

        @Test func withoutAHub() async throws {
            let run = try await reprise("bench", "hello", "--hub", "no-such-hub")
            #expect(run.code == 69)
            #expect(run.errors.contains("there is no hub 'no-such-hub'"))
        }
    }
}
