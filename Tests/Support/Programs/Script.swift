package import Foundation

/// Programs that a test runs to their end.
package enum Script {
    /// The folder of this repository.
    package static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Runs a program and returns the last line it printed; throws ``Failed`` when it ends with anything but 0.
    ///
    /// Its words go through a file: a pipe would stay open for as long as the broker that a script leaves behind.
    @discardableResult
    package static func run(_ path: String, _ arguments: [String]) async throws -> String {
        let words = FileManager.default.temporaryDirectory.appending(path: "script-\(UUID().uuidString).log")
        try Data().write(to: words)
        defer { try? FileManager.default.removeItem(at: words) }
        let process = try await ChildProcess.launch(
            path,
            arguments,
            environment: ProcessInfo.processInfo.environment,
            output: words.path,
            errors: nil
        )
        let status = await process.end()
        let text = try String(contentsOf: words, encoding: .utf8)
        guard status == 0 else {
            throw Failed(command: ([path] + arguments).joined(separator: " "), status: status, output: text)
        }
        return text.split(separator: "\n").last.map(String.init) ?? ""
    }

    package struct Failed: Error, CustomStringConvertible {
        let command: String
        let status: Int32
        let output: String

        package var description: String { "\(command) ended with \(status): \(output)" }
    }
}
