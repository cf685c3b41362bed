import Foundation
import RepriseKernel
import RepriseTestSupport
import Testing

/// Every mistake at start was a trap with a backtrace, which took up to a minute; and a supervisor could not tell it from
/// a crash. A wrong setting of a node or a gateway gets one sentence, at once, and an exit code that says whose it is.
@Suite(.serialized) struct MistakeTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var program = "reprise-samples"
        var arguments: [String] = []
        var environment: [String: String] = [:]
        var says: String
        var code: Int32 = 64

        var testDescription: String { "\(program): \(says)" }

        static let settings: [Mistake] = [
            Mistake(environment: ["REPRISE_HUB": "Not A Hub"], says: "REPRISE_HUB: a hub name has 1 to 40 of a-z"),
            Mistake(
                environment: ["REPRISE_PARTITIONS": "four"],
                says: "must be a whole number from 1 to 1024, not 'four'"
            ),
            Mistake(environment: ["REPRISE_PARTITIONS": "0"], says: "must be a whole number from 1 to 1024, not '0'"),
            Mistake(environment: ["REPRISE_PARTITONS": "8"], says: "did you mean REPRISE_PARTITIONS?"),
            Mistake(environment: ["REPRISE_ROLES": "boss"], says: "REPRISE_ROLES must list"),
            Mistake(environment: ["REPRISE_LOG": "perhaps"], says: "must be 'on' or 'off', not 'perhaps'"),
            Mistake(environment: ["REPRISE_HEARTBEAT": "0"], says: "must be a whole number from 1 to 60"),
            Mistake(environment: ["REPRISE_CONFIG": "/no/such/file"], says: "'/no/such/file' cannot be read"),
            Mistake(
                environment: ["REPRISE_AMQP_URL": "http://u:S3cretPw@host"],
                says: "the scheme must be amqp or amqps"
            ),
            Mistake(environment: ["REPRISE_AMQP_URL": "amqp://u:S3cretPw@host:0"], says: "The AMQP URL cannot be used"),
            Mistake(arguments: ["--port", "80"], says: "a node takes no arguments, and was given '--port'"),
            Mistake(
                environment: ["REPRISE_DATA": "/proc/no-directory"],
                says: "REPRISE_DATA: the directory '/proc/no-directory' cannot be created"
            ),
            Mistake(
                program: "reprise",
                arguments: ["gateway", "--hub", "Not A Hub", "--port", "0"],
                says: "a hub name has 1 to 40 of a-z"
            ),
            Mistake(
                program: "reprise",
                arguments: ["gateway", "--port", "0"],
                environment: ["REPRISE_AMQPURL": "amqp://u:S3cretPw@host"],
                says: "did you mean REPRISE_AMQP_URL?"
            ),
            Mistake(
                program: "reprise",
                arguments: ["gateway", "--port", "0", "--amqp-url", "http://u:S3cretPw@host"],
                says: "the scheme must be amqp or amqps"
            ),
            Mistake(
                program: "reprise",
                arguments: ["gateway", "--port", "0", "--data", "/proc/no-directory"],
                says: "the directory '/proc/no-directory' cannot be created"
            ),
        ]
    }

    private struct End {
        var code: Int32
        var text: String
        var lines: [Substring] { text.split(separator: "\n") }
        var time: Duration
    }

    private func run(_ mistake: Mistake, in hub: DeployedHub) async throws -> End {
        let log = hub.directory.appending(path: "mistake-\(UUID().uuidString).log")
        let start = ContinuousClock.now
        let program = try await RunningProgram.launch(
            mistake.program,
            mistake.arguments,
            environment: hub.environment.merging(mistake.environment) { $1 },
            log: log
        )
        let code = try await ended(program, within: .seconds(40))
        return End(code: code, text: try String(contentsOf: log, encoding: .utf8), time: ContinuousClock.now - start)
    }

    /// Its exit code; killed when it takes longer.
    private func ended(_ program: RunningProgram, within limit: Duration) async throws -> Int32 {
        try await withThrowingTaskGroup(of: Int32?.self) { group in
            defer { group.cancelAll() }
            group.addTask { await program.end() }
            group.addTask {
                try await ContinuousClock().sleep(for: limit)
                await program.kill()
                return nil
            }
            return try await #require(group.next() ?? nil, "it ran on for \(limit)")
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: Mistake.settings) func aMistakeIsOneSentence(mistake: Mistake)
        async throws
    {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "mistake")
        defer { hub.remove() }
        let end = try await run(mistake, in: hub)
        #expect(end.code == mistake.code, "\(end.text)")
        #expect(end.lines.count == 1 && end.text.hasPrefix("error: "), "\(end.text)")
        #expect(end.text.contains(mistake.says), "\(end.text)")
        #expect(!end.text.contains("S3cretPw"))
        #expect(end.time < .seconds(1), "\(end.time)")
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["--help", "-h"]) func theSamplesSayHowTheyAreUsed(flag: String)
        async throws
    {
        let hub = try DeployedHub(url: "amqp://127.0.0.1:1/", label: "help")
        defer { hub.remove() }
        let end = try await run(Mistake(arguments: [flag], says: "", code: 0), in: hub)
        #expect(end.code == 0)
        #expect(end.text.hasPrefix("usage: reprise-samples\n"), "\(end.text)")
        #expect(end.text.contains("REPRISE_AMQP_URL"))
    }

    @Test(.timeLimit(.minutes(2))) func anotherPartitionCountIsAClash() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "clash")
        defer { hub.remove() }
        let node = try await hub.node()
        // Ready was said, and two seconds later there was still no one who had a partition.
        let log = try String(contentsOf: node.log, encoding: .utf8)
        #expect(log.contains("takes its share of 4 partitions now (each is logged as 'partition … taken')"), "\(log)")
        await node.stop()
        let end = try await run(
            Mistake(environment: ["REPRISE_PARTITIONS": "8"], says: "was created with 4 partitions", code: 78),
            in: hub
        )
        #expect(end.code == 78, "\(end.text)")
        #expect(end.lines.count == 1 && end.text.hasPrefix("error: "), "\(end.text)")
        #expect(end.text.contains("was created with 4 partitions, this program is set to 8"), "\(end.text)")
        #expect(end.time < .seconds(1), "\(end.time)")
    }

    /// It said "ready", and then forever that each of its partitions was tried again; and wrote into the first one's
    /// files.
    @Test(.timeLimit(.minutes(2))) func aSecondNodeInOneDirectorySaysWhoHasIt() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "two")
        defer { hub.remove() }
        let node = try await hub.node()
        let end = try await run(Mistake(says: "is in use", code: 1), in: hub)
        let directory = try #require(hub.environment["REPRISE_DATA"])
        #expect(
            end.text == """
                error: the data directory '\(directory)' is in use by another node, process \(node.processID) on \
                '\(ProcessInfo.processInfo.hostName)': stop that one, or give this node its own directory (REPRISE_DATA)

                """
        )
        #expect(end.code == 1)
        await node.kill()
        // What a process had is free when it is gone.
        let successor = try await hub.node()
        await successor.stop()
    }

    /// A signal while it waited for the broker ended it with "CancellationError()" and a trap; where packets are
    /// swallowed it went on to wait for seconds.
    @Test(.timeLimit(.minutes(2)), arguments: ["reprise-samples", "reprise"], [SIGTERM, SIGINT])
    func aSignalEndsTheWaitForTheBroker(program: String, signal: Int32) async throws {
        let hub = try DeployedHub(url: "amqp://192.0.2.1/", label: "signal")
        defer { hub.remove() }
        let silent = try SilentListener()
        for url in ["amqp://u:S3cretPw@127.0.0.1:1/", "amqp://u:S3cretPw@127.0.0.1:\(silent.port)/"] {
            let log = hub.directory.appending(path: "\(program)-\(UUID().uuidString).log")
            let running = try await RunningProgram.launch(
                "/usr/bin/env",
                // Tests run in the background ignore Ctrl-C.
                ["--default-signal=INT", try TestEnvironment.program(program)]
                    + (program == "reprise" ? ["gateway", "--port", "0", "--log-level", "trace"] : []),
                environment: hub.environment.merging(["REPRISE_AMQP_URL": url]) { $1 },
                log: log
            )
            if url.hasSuffix(":1/") {
                try await until("it waits", within: .seconds(60)) {
                    try String(contentsOf: log, encoding: .utf8).contains("again")
                }
            } else {
                try await until("it connects", within: .seconds(60)) { silent.hasGuest }
            }
            let start = ContinuousClock.now
            kill(running.processID, signal)
            let code = try await ended(running, within: .seconds(30))
            let text = try String(contentsOf: log, encoding: .utf8)
            #expect(code == 0, "\(url): \(text)")
            #expect(!text.contains("CancellationError"), "\(text)")
            // The services of the gateway were logged, with all that they held.
            #expect(!text.contains("S3cretPw"), "\(text)")
            #expect(ContinuousClock.now - start < .seconds(1), "\(url): \(ContinuousClock.now - start)")
        }
    }
}

/// Takes connections, and says nothing: as a host does that hangs.
final class SilentListener: Sendable {
    var port: Int { listener.port }
    private let listener: LoopbackListener

    init() throws { listener = try LoopbackListener(backlog: 8) }

    deinit { listener.close() }

    /// Whether someone has connected.
    var hasGuest: Bool {
        var waiting = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }
}
