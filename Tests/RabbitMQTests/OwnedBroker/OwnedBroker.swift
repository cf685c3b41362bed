import Foundation
import Glibc
import RabbitMQ
import RepriseTestSupport
import Testing

/// A broker that tests may stop, freeze and starve, because no one else uses it.
struct OwnedBroker: Sendable {
    /// The one of the running suite.
    @TaskLocal static var current: OwnedBroker?

    private let script: BrokerScript
    let url: String
    let tlsURL: String
    let caFile: String

    static func start() async throws -> OwnedBroker {
        let script = try BrokerScript.own("starved")
        // What the suite before has left behind may be frozen or starved.
        try await script.wipe()
        let url = try await script.start(["--tls"])
        return OwnedBroker(
            script: script,
            url: url,
            tlsURL: try await script.run("url", ["--tls"]),
            caFile: script.directory.appending(path: "tls/ca.pem").path
        )
    }

    func wipe() async throws { try await script.wipe() }

    func kill() async throws { try await script.kill() }

    func startAgain() async throws { try await script.start() }

    /// Freezes the broker while `body` runs. `infra/broker pid` has verified whose process it is.
    func withFrozen<Result>(_ body: () async throws -> Result) async throws -> Result {
        let text = try await script.run("pid")
        let pid = try #require(pid_t(text), "infra/broker pid printed '\(text)'")
        try #require(pid > 1)
        Glibc.kill(pid, SIGSTOP)
        defer { Glibc.kill(pid, SIGCONT) }
        return try await body()
    }

    /// Its memory is as small, or as large, as this says.
    func limitMemory(to bytes: String) async throws {
        try await script.control("set_vm_memory_high_watermark", "absolute", bytes)
    }

    func configuration() throws -> RabbitMQConnectionConfiguration {
        var configuration = try RabbitMQConnectionConfiguration(url: url)
        configuration.heartbeat = .seconds(1)
        return configuration
    }
}

/// Starts one broker for all tests of a suite.
struct OwnedBrokerTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void)
        async throws
    {
        let broker = try await OwnedBroker.start()
        do {
            try await OwnedBroker.$current.withValue(broker, operation: body)
        } catch {
            try await broker.wipe()
            throw error
        }
        try await broker.wipe()
    }
}

extension Trait where Self == OwnedBrokerTrait {
    static var ownedBroker: Self { OwnedBrokerTrait() }
}
