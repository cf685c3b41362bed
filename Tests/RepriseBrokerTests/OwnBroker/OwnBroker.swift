import Foundation
import Testing

@testable import RepriseBroker

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A broker that a test may kill and wipe, because nobody else uses it.
struct OwnBroker: Sendable {
    struct Failed: Error, CustomStringConvertible { let description: String }

    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    let name: String

    /// Starts one, runs `body`, and wipes it.
    static func with(_ suffix: String, _ body: (OwnBroker, BrokerEndpoint) async throws -> Void) async throws {
        let prefix = try #require(
            ProcessInfo.processInfo.environment["REPRISE_TEST_BROKER"],
            "these tests start brokers of their own: run them with infra/test"
        )
        let broker = OwnBroker(name: "\(prefix)-\(suffix)")
        let url = try await broker.start()
        do {
            try await body(broker, try BrokerEndpoint(url: url, name: "test"))
        } catch {
            try await broker.run("stop", "--wipe")
            throw error
        }
        try await broker.run("stop", "--wipe")
    }

    func kill() async throws { try await run("kill") }

    /// Forgets everything.
    func wipe() async throws { try await run("stop", "--wipe") }

    /// On the port that it had, when `port` says so.
    @discardableResult
    func start(port: Int? = nil) async throws -> String {
        try await run("start", port.map { ["--port", "\($0)"] } ?? [])
    }

    /// `rabbitmqctl`, with these arguments.
    func control(_ arguments: String...) async throws { try await run("ctl", ["--"] + arguments) }

    /// What it has written to its log so far.
    func log() throws -> String {
        let file = Self.repository.appending(path: ".reprise/broker/\(name)/log/broker.log")
        return try String(contentsOf: file, encoding: .utf8)
    }

    @discardableResult
    private func run(_ command: String, _ more: String...) async throws -> String { try await run(command, more) }

    /// Runs `infra/broker`, and returns the last line that it prints.
    @discardableResult
    private func run(_ command: String, _ more: [String]) async throws -> String {
        let script = Self.repository.appending(path: "infra/broker").path
        let arguments = [script, command, "--name", name] + more
        let (status, output) = try await onThread { Self.runAndWait(arguments) }
        guard status == 0 else { throw Failed(description: "\(arguments.joined(separator: " ")) ended with \(status)") }
        return output.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// Waits for the script alone: Foundation's `Process` would wait for the broker that it leaves behind.
    private static func runAndWait(_ arguments: [String]) -> (Int32, String) {
        let file = FileManager.default.temporaryDirectory.appending(path: "command-\(UUID().uuidString)").path
        defer { unlink(file) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var pid: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        guard posix_spawn(&pid, arguments[0], &actions, nil, &words, environ) == 0 else { return (-1, "") }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let output = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        return ((status >> 8) & 0xFF | (status & 0x7F), output)
    }
}
