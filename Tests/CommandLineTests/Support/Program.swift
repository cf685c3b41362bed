import Foundation
import RepriseTestSupport
import Testing

/// One run of a program, its words in files.
final class Program: Sendable {
    struct Outcome: Sendable, CustomStringConvertible {
        var code: Int32
        var output: String
        var errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
        var description: String { "exit code \(code)\n--- stdout\n\(output)\n--- stderr\n\(errors)" }
    }

    private let directory: URL
    private let process: ChildProcess

    /// - Parameter environment: instead of every setting that the caller of the tests may have.
    init(_ command: [String], environment: [String: String] = [:], input: String = "") async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, text) in [("input", input), ("output", ""), ("errors", "")] {
            try Data(text.utf8).write(to: directory.appending(path: name))
        }
        process = try await ChildProcess.launch(
            "/usr/bin/env",
            // With the signals as in a terminal: tests run in the background ignore Ctrl-C.
            ["--default-signal=INT"] + command,
            environment: ProcessInfo.processInfo.environment
                .filter { !$0.key.hasPrefix("REPRISE_") && $0.key != "NO_COLOR" }
                .merging(environment) { $1 },
            input: directory.appending(path: "input").path,
            output: directory.appending(path: "output").path,
            errors: directory.appending(path: "errors").path
        )
    }

    var processID: Int32 { process.processID }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Waits until it has ended.
    func outcome() async throws -> Outcome {
        Outcome(code: await process.end(), output: try read("output"), errors: try read("errors"))
    }

    /// What it has said so far.
    func read(_ stream: String) throws -> String {
        try String(contentsOf: directory.appending(path: stream), encoding: .utf8)
    }

    func signal(_ number: Int32) { kill(processID, number) }

    /// Waits until it has said `text` on `stream`.
    func says(_ text: String, on stream: String) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while !(try read(stream).contains(text)) {
            let words = try read("output") + read("errors")
            try #require(ContinuousClock.now < end && !process.hasEnded, "it never said '\(text)': \(words)")
            try await ContinuousClock().sleep(for: .milliseconds(20))
        }
    }
}

/// Runs `reprise` to its end.
@discardableResult
func reprise(
    _ arguments: String...,
    environment: [String: String]? = nil,
    input: String = ""
) async throws -> Program.Outcome {
    try await Program(
        [try TestEnvironment.program("reprise")] + arguments,
        environment: environment ?? SampleHub.current?.environment ?? [:],
        input: input
    ).outcome()
}
