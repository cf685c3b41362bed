import Foundation
import Synchronization
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
        let process = Foundation.Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = try FileHandle(forWritingTo: log)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
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
    let processID: Int32
    private let ended: Ended
    let log: URL

    private final class Ended: Sendable {
        private let state = Mutex<(code: Int32?, waiters: [CheckedContinuation<Int32, Never>])>((nil, []))

        func set(_ code: Int32) {
            let waiters = state.withLock { state in
                state.code = code
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume(returning: code) }
        }

        func wait() async -> Int32 {
            await withCheckedContinuation { continuation in
                let code = state.withLock { state in
                    if state.code == nil { state.waiters.append(continuation) }
                    return state.code
                }
                if let code { continuation.resume(returning: code) }
            }
        }
    }

    /// - Parameter ready: a text that the program prints once it serves.
    static func start(
        _ name: String,
        _ arguments: [String] = [],
        environment: [String: String],
        log: URL,
        ready: String
    ) async throws -> RunningProgram {
        let start = (try? Data(contentsOf: log).count) ?? 0
        let program = try launch(name, arguments, environment: environment, log: log)
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
    ) throws -> RunningProgram {
        let process = Foundation.Process()
        process.executableURL =
            name.hasPrefix("/")
            ? URL(filePath: name) : URL(filePath: try Programs.environment("REPRISE_TEST_BIN")).appending(path: name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let file = try FileHandle(forWritingTo: log)
        try file.seekToEnd()
        process.standardOutput = file
        process.standardError = file
        let ended = Ended()
        process.terminationHandler = { process in
            let isExit = process.terminationReason == .exit
            ended.set(isExit ? process.terminationStatus : 128 + process.terminationStatus)
        }
        try process.run()
        return RunningProgram(processID: process.processIdentifier, ended: ended, log: log)
    }

    private init(processID: Int32, ended: Ended, log: URL) {
        self.processID = processID
        self.ended = ended
        self.log = log
    }

    var isRunning: Bool { Foundation.kill(processID, 0) == 0 }

    /// Waits until it has ended; gives its exit code, or 128 and the signal that ended it.
    @discardableResult
    func end() async -> Int32 { await ended.wait() }

    /// kill -9, and waits until it is gone.
    func kill() async {
        Foundation.kill(processID, SIGKILL)
        await end()
    }

    /// SIGTERM, and waits until it has ended by itself.
    func stop() async {
        Foundation.kill(processID, SIGTERM)
        await end()
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
