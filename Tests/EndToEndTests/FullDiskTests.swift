import Foundation
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

/// The journals' disk fills up: the node stops taking in, loses nothing, and goes on by itself when there is room.
@Suite(.serialized) struct FullDiskTests {
    private static let count = 40

    @Test(
        .timeLimit(.minutes(4)),
        .enabled(if: getuid() == 0, "only root may mount a small disk")
    )
    func aFullDiskStopsTheIntakeUntilThereIsRoom() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "full")
        defer { hub.remove() }
        let disk = hub.directory.appending(path: "node")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        try await Script.run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", disk.path])
        do {
            try await check(hub, disk)
        } catch {
            try await Script.run("/usr/bin/umount", ["--lazy", disk.path])
            throw error
        }
        try await Script.run("/usr/bin/umount", ["--lazy", disk.path])
    }

    private func check(_ hub: DeployedHub, _ disk: URL) async throws {
        let node = try await hub.node()
        let ballast = disk.appending(path: "ballast")
        try await hub.withClient { client in
            async let started: Void = Self.start(client)
            try await until("the work is under way", within: .seconds(60)) { hub.observer.messageCount > Self.count }
            try fill(ballast)
            async let late = client.startPatiently("E1_HelloSequence", id: "late")
            try await until("a partition is given up", within: .seconds(60)) {
                try !Self.lines(in: node, with: "is given up, and will be retried").isEmpty
            }
            #expect(node.isRunning)
            // The doctor waits some seconds for paused nodes; meanwhile each retries repeatedly.
            #expect(try await Self.doctor(hub, disk).contains("0 MiB free"))
            #expect(try Self.lines(in: node, with: "is full").count <= 12, "at most three times for each partition")

            try FileManager.default.removeItem(at: ballast)
            try await started
            _ = try await late
            try await until("all of them complete, the late one too", within: .seconds(90)) {
                let heard = hub.observer.instances("")
                return heard.count == Self.count + 1 && heard.values.allSatisfy { $0.end != nil }
            }
            for (id, heard) in hub.observer.instances("") {
                #expect(heard.end?.payload.text == Hello.output, "\(id)")
                #expect(heard.ends.count == 1 && heard.versions == Set(1...5), "\(id): \(heard.versions.sorted())")
            }
        }
        #expect(node.isRunning)
        await node.stop()
    }

    private static func start(_ client: BrokerHubClient) async throws {
        for number in 0..<count {
            _ = try await client.startPatiently("E1_HelloSequence", id: "hello-\(number)")
        }
    }

    private static func doctor(_ hub: DeployedHub, _ disk: URL) async throws -> String {
        let log = hub.directory.appending(path: "doctor.log")
        let doctor = try await RunningProgram.launch(
            "reprise",
            ["doctor", "--data", disk.path],
            environment: hub.environment,
            log: log
        )
        #expect(await doctor.end() == 1)
        return try String(contentsOf: log, encoding: .utf8)
    }

    /// Until not one byte more goes in.
    private func fill(_ path: URL) throws {
        let file = open(path.path, O_WRONLY | O_CREAT, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        for size in [1 << 16, 1 << 12, 1] {
            let bytes = [UInt8](repeating: 1, count: size)
            while write(file, bytes, size) > 0 {}
        }
    }

    private static func lines(in node: RunningProgram, with text: String) throws -> [Substring] {
        try String(contentsOf: node.log, encoding: .utf8).split(separator: "\n").filter { $0.contains(text) }
    }
}
