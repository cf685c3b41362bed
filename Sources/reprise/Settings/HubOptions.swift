import ArgumentParser
import Configuration
import Foundation
import Logging
import RepriseBroker
import RepriseHosting
import RepriseKernel

/// Which hub on which broker: the options that every command has.
struct HubOptions: ParsableArguments {
    @Option(
        name: .customLong("amqp-url"),
        help: ArgumentHelp(
            "The broker: amqp://user:password@host:port/vhost, or amqps://; several of a cluster with commas between. "
                + "[REPRISE_AMQP_URL]",
            valueName: "url"
        )
    )
    var amqpURL: String?

    @Option(help: ArgumentHelp("The task hub. [REPRISE_HUB]", valueName: "name"))
    var hub: String?

    @Option(
        help: ArgumentHelp(
            "How much to log to stderr: trace, debug, info, notice, warning, error, critical. [REPRISE_LOG_LEVEL]",
            valueName: "level"
        )
    )
    var logLevel: String?

    /// Reads the settings, and starts logging.
    ///
    /// - Parameter data: a data directory given as a flag.
    /// - Throws: `SettingsError` or `HubError` (`.address`) that names what cannot be used.
    func access(logging level: Logger.Level = .warning, data: String? = nil) async throws -> HubAccess {
        let config = try await settings(data: data)
        let settings = try HubSettings(config)
        try startLogging(config, otherwise: level)
        return HubAccess(
            endpoint: try BrokerEndpoint(
                url: settings.amqpURL,
                name: "reprise-\(ProcessInfo.processInfo.processIdentifier)"
            ),
            hub: settings.hub,
            dataDirectory: settings.dataDirectory,
            logger: Logger(label: "reprise")
        )
    }

    /// The settings beneath these options. Prints a remark about what looks like a setting and is not one.
    ///
    /// - Parameter data: a data directory given as a flag.
    func settings(data: String? = nil) async throws -> ConfigReader {
        if let hub { _ = try HubName(hub) }
        var flags: [String: String] = [:]
        flags["reprise.amqp.url"] = amqpURL
        flags["reprise.hub"] = hub
        flags["reprise.data"] = data
        flags["reprise.log.level"] = logLevel
        return try await HubSettings.reader(flags: flags) { Output.note("warning: \($0)") }
    }

    func startLogging(_ config: ConfigReader, otherwise level: Logger.Level) throws {
        let level = try Self.level(config, otherwise: level)
        LoggingSystem.bootstrap { TerminalLog(label: $0, level: level) }
    }

    private static func level(_ config: ConfigReader, otherwise level: Logger.Level) throws -> Logger.Level {
        guard let text = config.string(forKey: "reprise.log.level") else { return level }
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError("the log level must be one of \(known), not '\(text.prefix(40))'")
        }
        return level
    }
}
