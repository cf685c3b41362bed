import Foundation
import RepriseKernel
import RepriseTestSupport
import Testing

/// Followers in another language, killed again and again: they miss nothing and hear nothing twice.
@Suite(.serialized) struct FollowingTests {
    /// One line of a follower's words: an id, a tab, a change.
    private struct Line {
        var id: String
        var change: [String: Any]

        init?(_ text: Substring) {
            let parts = text.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2,
                let change = try? JSONSerialization.jsonObject(with: Data(parts[1].utf8)) as? [String: Any]
            else { return nil }
            id = String(parts[0])
            self.change = change
        }
    }

    private func lines(_ log: URL) -> [Line] {
        // What was being written when the follower died is not a line yet.
        let text = (try? String(decoding: Data(contentsOf: log), as: UTF8.self)) ?? ""
        return text.prefix(through: text.lastIndex(of: "\n") ?? text.startIndex).split(separator: "\n").compactMap(
            Line.init
        )
    }

    /// The follower is killed at random a hundred times while the instance moves on, and the gateway twice.
    @Test(.timeLimit(.minutes(4))) func whoeverIsKilledGoesOnWhereItWas() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "follow")
        defer { hub.remove() }
        let node = try await hub.node()
        let port = try LoopbackListener.freePort()
        var gateway = try await hub.gateway(port: port)
        let http = HTTPClient(port: port)
        let instance = "parcel größe"
        let encoded = try #require(instance.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let started = try await http.send("POST", "/orchestrators/TrackParcel/\(encoded)", body: Data(#""p""#.utf8))
        #expect(started.status == 202)

        let log = hub.directory.appending(path: "follower.log")
        try Data().write(to: log)
        var random = SystemRandomNumberGenerator()
        var told: [Line] = []
        var sent = 0
        for death in 1...100 {
            let after = told.last.map { ["--after", $0.id] } ?? []
            let script = "\(Script.repository.path)/Samples/followers/follow.py"
            let follower = try await RunningProgram.launch(
                "/usr/bin/python3",
                ["-B", script, "http://127.0.0.1:\(port)", instance] + after,
                environment: [:],
                log: log
            )
            for _ in 0..<5 {
                sent += 1
                try await raise(#""stage \#(sent)""#, to: encoded, http)
            }
            if death % 40 == 0 {
                await gateway.kill()
                gateway = try await hub.gateway(port: port)
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...200, using: &random)))
            await follower.kill()
            // A line that broke off stays alone, and the next follower begins a new one.
            let file = try FileHandle(forWritingTo: log)
            try file.seekToEnd()
            try file.write(contentsOf: Data("\n".utf8))
            told = lines(log)
        }
        try await raise(#""delivered""#, to: encoded, http)
        let last = try await RunningProgram.launch(
            "/usr/bin/python3",
            [
                "-B", "\(Script.repository.path)/Samples/followers/follow.py", "http://127.0.0.1:\(port)", instance,
            ] + (told.last.map { ["--after", $0.id] } ?? []),
            environment: [:],
            log: log
        )
        #expect(await last.end() == 0)
        told = lines(log)
        let versions = told.compactMap { $0.change["version"] as? Int }
        // Started, every stage, delivered, completed.
        #expect(versions == Array(1...(sent + 3)), "\(versions.count) of \(sent + 3)")
        let stages = told.compactMap { ($0.change["customStatus"] as? [String: Any])?["step"] as? Int }
        #expect(Set(stages) == Set(1...(sent + 1)))
        #expect(told.last?.change["runtimeStatus"] as? String == "Completed")
        print("follower: \(versions.count) versions in order over 100 kills of it and 2 of the gateway")
        await gateway.stop()
        await node.stop()
    }

    /// A subscriber that comes late, and is killed, asks the partition for what it missed.
    @Test(.timeLimit(.minutes(3))) func aSubscriberAsksForWhatItMissed() async throws {
        let url = try TestEnvironment.brokerURL
        let hub = try DeployedHub(url: url, label: "subscribe")
        defer { hub.remove() }
        let node = try await hub.node()
        let port = try LoopbackListener.freePort()
        let gateway = try await hub.gateway(port: port)
        let http = HTTPClient(port: port)
        #expect(try await http.send("POST", "/orchestrators/TrackParcel/late", body: Data(#""p""#.utf8)).status == 202)
        for stage in 1...5 { try await raise("\"\(stage)\"", to: "late", http) }

        let log = hub.directory.appending(path: "subscriber.log")
        func subscriber() async throws -> RunningProgram {
            try await RunningProgram.launch(
                "/usr/bin/python3",
                ["-B", "\(Script.repository.path)/Samples/followers/subscribe.py", "late"],
                environment: ["REPRISE_AMQP_URL": url, "REPRISE_HUB": hub.name.value],
                log: log
            )
        }
        func versions() -> [Int] {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").compactMap { Int($0.split(separator: "\t")[0]) }
        }
        let first = try await subscriber()
        try await until("the first has heard what was said before it came", within: .seconds(60)) {
            versions() == Array(1...6)
        }
        try await raise(#""6""#, to: "late", http)
        try await until("and what is said now", within: .seconds(60)) { versions() == Array(1...7) }
        await first.kill()
        try await raise(#""7""#, to: "late", http)

        try Data().write(to: log)
        let second = try await subscriber()
        try await raise(#""delivered""#, to: "late", http)
        #expect(await second.end() == 0)
        #expect(versions() == Array(1...10))
        await gateway.stop()
        await node.stop()
    }

    /// As a sender does: what was not accepted is sent again, under the same key.
    private func raise(_ json: String, to instance: String, _ http: HTTPClient) async throws {
        let headers = ["Content-Type": "application/json", "Idempotency-Key": UUID().uuidString]
        try await until("the event was accepted", within: .seconds(30)) {
            let path = "/instances/\(instance)/raiseEvent/Stage"
            let answer = try? await http.send("POST", path, body: Data(json.utf8), headers: headers)
            return answer?.status == 202
        }
    }
}
