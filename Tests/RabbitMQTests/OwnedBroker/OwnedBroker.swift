import Foundation
import Glibc
import RabbitMQ
import Testing

/// A broker that tests may stop, freeze and starve, because nobody else uses it.
struct OwnedBroker: Sendable {
    struct Failed: Error, CustomStringConvertible { let description: String }

    /// The one of the running suite.
    @TaskLocal static var current: OwnedBroker?

    private static let name = "rabbitmq-tests"
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    let url: String
    let tlsURL: String
    static let caFile = repository.appending(path: ".reprise/broker/\(name)/tls/ca.pem").path

    static func start() async throws -> OwnedBroker {
        // What an interrupted run has left behind may be frozen or starved.
        try await run("stop", "--name", name, "--wipe")
        let url = try await run("start", "--name", name, "--tls")
        return OwnedBroker(url: url, tlsURL: try await run("url", "--name", name, "--tls"))
    }

    func wipe() async throws { try await Self.run("stop", "--name", Self.name, "--wipe") }

    func kill() async throws { try await Self.run("kill", "--name", Self.name) }

    func startAgain() async throws { try await Self.run("start", "--name", Self.name) }

    func control(_ arguments: String...) async throws {
        try await Self.run(["ctl", "--name", Self.name, "--"] + arguments)
    }

    /// Freezes the broker while `body` runs. `infra/broker pid` has verified whose process it is.
    func withFrozen<Result>(_ body: () async throws -> Result) async throws -> Result {
        let text = try await Self.run("pid", "--name", Self.name)
        guard let pid = pid_t(text), pid > 1 else { throw Failed(description: "infra/broker pid printed “\(text)”.") }
        Glibc.kill(pid, SIGSTOP)
        defer { Glibc.kill(pid, SIGCONT) }
        return try await body()
    }

    func configuration() throws -> ConnectionConfiguration {
        var configuration = try ConnectionConfiguration(url: url)
        configuration.heartbeat = .seconds(1)
        return configuration
    }

    @discardableResult
    private static func run(_ arguments: String...) async throws -> String { try await run(arguments) }

    /// Runs `infra/broker` and returns the last line that it prints.
    @discardableResult
    private static func run(_ arguments: [String]) async throws -> String {
        let script = repository.appending(path: "infra/broker").path
        let (status, output) = await Command.run([script] + arguments)
        guard status == 0 else {
            throw Failed(description: "infra/broker \(arguments.joined(separator: " ")) ended with \(status).")
        }
        return output.split(separator: "\n").last.map(String.init) ?? ""
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
