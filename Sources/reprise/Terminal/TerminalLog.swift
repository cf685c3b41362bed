import Logging

/// Logs to stderr, and first erases what is currently drawn there.
struct TerminalLog: LogHandler {
    private var base: StreamLogHandler

    init(label: String, level: Logger.Level) {
        base = StreamLogHandler.standardError(label: label)
        base.logLevel = level
    }

    func log(event: LogEvent) {
        LiveLine.clearAll()
        base.log(event: event)
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }
}
