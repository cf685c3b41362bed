import Foundation
import RepriseTestSupport
import Testing

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
        try await until("\(name) says '\(ready)'", within: .seconds(60)) {
            let text = try Data(contentsOf: log).dropFirst(start)
            try #require(program.isRunning, "\(name) has ended: \(String(decoding: text, as: UTF8.self))")
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
        let path = name.hasPrefix("/") ? name : try TestEnvironment.program(name)
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

    /// Sends the signal. A program that has not ended a minute later fails the test run with its last words, and is
    /// killed: a time limit of the test would not say who it was.
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

    /// Resident memory in bytes, without what is mapped from files: of a debug build that is most of it.
    func ownMemory() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(processID)/statm", encoding: .utf8)
        let pages = text.split(separator: " ").compactMap { Int($0) }
        try #require(pages.count > 2)
        return (pages[1] - pages[2]) * 4096
    }
}
