import InMemoryLogging
package import Logging

/// What is said at a level and above, kept for the test.
package struct LogLines: Sendable {
    private let handler: InMemoryLogHandler

    package init(from level: Logger.Level = .notice) {
        var handler = InMemoryLogHandler()
        handler.logLevel = level
        self.handler = handler
    }

    package var all: [String] { handler.entries.map { "\($0.message)" } }
    package var logger: Logger { Logger(label: "test") { _ in handler } }
}
