import Foundation
import RepriseTestSupport
import Testing

/// The programs under test, as `infra/test` built them, and the scripts that run brokers.
enum Programs {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    static func environment(_ name: String) throws -> String {
        try #require(
            ProcessInfo.processInfo.environment[name],
            "\(name) is not set: these tests are run by infra/test"
        )
    }

    /// Runs a script to its end and returns the last line it printed.
    ///
    /// Its words go through a file: a pipe would stay open for as long as the broker that the script leaves behind.
    @discardableResult
    static func run(_ path: String, _ arguments: [String]) async throws -> String {
        let log = FileManager.default.temporaryDirectory.appending(path: "script-\(UUID().uuidString).log")
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        let process = try await ChildProcess.launch(
            path,
            arguments,
            environment: ProcessInfo.processInfo.environment,
            output: log.path,
            errors: nil
        )
        let status = await process.end()
        let text = try String(contentsOf: log, encoding: .utf8)
        guard status == 0 else { throw ProgramFailed(command: "\(path) \(arguments)", status: status, output: text) }
        return text.split(separator: "\n").last.map(String.init) ?? ""
    }
}

struct ProgramFailed: Error {
    var command: String
    var status: Int32
    var output: String
}

/// One of our processes: started with an environment, its words in a file, ended by its own id.
final class RunningProgram: Sendable {
    private let process: ChildProcess
    let log: URL

    var processID: Int32 { process.processID }

    /// - Parameter ready: a text that the program prints once it serves.
    static func start(
        _ name: String,
        _ arguments: [String] = [],
        environment: [String: String],
        log: URL,
        ready: String
    ) async throws -> RunningProgram {
        let start = (try? Data(contentsOf: log).count) ?? 0
        let program = try await launch(name, arguments, environment: environment, log: log)
        try await eventually("\(name) says '\(ready)'", within: .seconds(60)) {
            let text = try Data(contentsOf: log).dropFirst(start)
            if !program.isRunning {
                throw ProgramFailed(command: name, status: -1, output: String(decoding: text, as: UTF8.self))
            }
            return String(decoding: text, as: UTF8.self).contains(ready)
        }
        return program
    }

    /// Starts one of ours, or another by its whole path, and does not wait for it to serve.
    static func launch(
        _ name: String,
        _ arguments: [String] = [],
        environment: [String: String],
        log: URL
    ) async throws -> RunningProgram {
        let path =
            name.hasPrefix("/")
            ? name : URL(filePath: try Programs.environment("REPRISE_TEST_BIN")).appending(path: name).path
        let process = try await ChildProcess.launch(
            path,
            arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            output: log.path,
            errors: log.path
        )
        return RunningProgram(process: process, log: log)
    }

    private init(process: ChildProcess, log: URL) {
        self.process = process
        self.log = log
    }

    var isRunning: Bool { !process.hasEnded }

    /// Waits until it has ended; gives its exit code, or 128 and the signal that ended it.
    @discardableResult
    func end() async -> Int32 { await process.end() }

    /// kill -9, and waits until it is gone.
    func kill() async {
        tellToEnd(SIGKILL)
        await end()
    }

    /// SIGTERM, and waits until it has ended by itself.
    func stop() async {
        tellToEnd(SIGTERM)
        await end()
    }

    /// Sends the signal. Whoever has not ended a minute later fails the test run with its last words, and is killed: a
    /// time limit of the test would not say who it was.
    func tellToEnd(_ signal: Int32) {
        Foundation.kill(processID, signal)
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(60)) { [self] in
            guard !process.hasEnded else { return }
            let state = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
            let words = (try? String(contentsOf: log, encoding: .utf8))?.suffix(4_000)
            Issue.record(
                """
                process \(processID) has not ended within a minute of signal \(signal)
                \(state?.prefix(400) ?? "the system knows it no more")
                its last words in \(log.path):
                \(words ?? "none")
                """
            )
            Foundation.kill(processID, SIGKILL)
        }
    }

    /// Resident memory in bytes.
    func residentMemory() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(processID)/statm", encoding: .utf8)
        let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return pages * 4096
    }
}

/// Asks again until the answer is yes; fails naming `what` when it never is.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    // A condition that never answers ends in the test's time limit, which would not say which it was.
    let watch = Task {
        try await clock.sleep(for: limit + .seconds(30))
        Issue.record("nobody answers whether: \(what)")
    }
    defer { watch.cancel() }
    while !(try await condition()) {
        guard clock.now < end else { throw NeverHappened(what: what, limit: limit) }
        try await clock.sleep(for: .milliseconds(20))
    }
}

struct NeverHappened: Error, CustomStringConvertible {
    var what: String
    var limit: Duration
    var description: String { "it did not happen within \(limit): \(what)" }
}
