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
        private let state = Mutex<(isEnded: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

        func set() {
            let waiters = state.withLock { state in
                state.isEnded = true
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }

        func wait() async {
            await withCheckedContinuation { continuation in
                let isEnded = state.withLock { state in
                    if !state.isEnded { state.waiters.append(continuation) }
                    return state.isEnded
                }
                if isEnded { continuation.resume() }
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
        let process = Foundation.Process()
        process.executableURL = URL(filePath: try Programs.environment("REPRISE_TEST_BIN")).appending(path: name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let file = try FileHandle(forWritingTo: log)
        let start = try file.seekToEnd()
        process.standardOutput = file
        process.standardError = file
        let ended = Ended()
        process.terminationHandler = { _ in ended.set() }
        try process.run()
        let program = RunningProgram(processID: process.processIdentifier, ended: ended, log: log)
        try await eventually("\(name) says '\(ready)'", within: .seconds(60)) {
            let text = try Data(contentsOf: log).dropFirst(Int(start))
            if !program.isRunning {
                throw ProgramFailed(command: name, status: -1, output: String(decoding: text, as: UTF8.self))
            }
            return String(decoding: text, as: UTF8.self).contains(ready)
        }
        return program
    }

    private init(processID: Int32, ended: Ended, log: URL) {
        self.processID = processID
        self.ended = ended
        self.log = log
    }

    private var isRunning: Bool { Foundation.kill(processID, 0) == 0 }

    /// kill -9, and waits until it is gone.
    func kill() async {
        Foundation.kill(processID, SIGKILL)
        await ended.wait()
    }

    /// SIGTERM, and waits until it has ended by itself.
    func stop() async {
        Foundation.kill(processID, SIGTERM)
        await ended.wait()
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
