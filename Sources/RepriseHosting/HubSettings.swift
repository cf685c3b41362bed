package import Configuration
import Foundation
package import RepriseKernel

/// The settings that every program of a hub shares, from the environment and a file.
///
/// | key | environment | default |
/// | --- | --- | --- |
/// | `reprise.amqp.url` | `REPRISE_AMQP_URL` | `amqp://guest:guest@127.0.0.1:5672/` |
/// | `reprise.hub` | `REPRISE_HUB` | `default` |
/// | `reprise.data` | `REPRISE_DATA` | `reprise-data` |
/// | `reprise.partitions` | `REPRISE_PARTITIONS` | 4 |
///
/// A command line's flag wins over the environment, which wins over the file that `REPRISE_CONFIG` names (JSON;
/// `reprise.json` here when there is one). ``KnownSettings`` finds what is not a setting in either.
package struct HubSettings: Sendable {
    package var amqpURL: String
    package var hub: HubName
    package var dataDirectory: String
    package var partitions: Int

    /// - Throws: ``SettingsError`` naming the key that cannot be used.
    package init(_ config: ConfigReader) throws(SettingsError) {
        amqpURL = config.string(
            forKey: "reprise.amqp.url",
            isSecret: true,
            default: "amqp://guest:guest@127.0.0.1:5672/"
        )
        let hub = config.string(forKey: "reprise.hub", default: "default")
        do {
            self.hub = try HubName(hub)
        } catch {
            throw SettingsError("REPRISE_HUB: \(error.reason)")
        }
        dataDirectory = config.string(forKey: "reprise.data", default: "reprise-data")
        partitions = try Self.integer("reprise.partitions", in: 1...1024, default: 4, config)
    }

    /// What was given on a command line (by key) over the environment over the configuration file.
    ///
    /// - Parameter remark: called at most once, with what looks like a setting and is not one.
    /// - Throws: ``SettingsError`` for a misspelled setting, or a file that cannot be used.
    package static func reader(
        flags: [String: String] = [:],
        remark: (String) -> Void
    ) async throws(SettingsError) -> ConfigReader {
        let environment = EnvironmentVariablesProvider()
        let unknown = try KnownSettings.check(environment: ProcessInfo.processInfo.environment)
        let named = ConfigReader(provider: environment).string(forKey: "reprise.config")
        let file = try SettingsFile(at: named ?? "reprise.json", mayBeMissing: named == nil)
        let remarks = [unknown, file.remark].compactMap { $0 }
        if !remarks.isEmpty { remark(remarks.joined(separator: "; ")) }
        return ConfigReader(providers: [
            provider("flags", flags), environment, provider("file", file.values),
        ])
    }

    private static func provider(_ name: String, _ values: [String: String]) -> InMemoryProvider {
        let values = values.map { key, value in
            (AbsoluteConfigKey(ConfigKey(key)), ConfigValue(.string(value), isSecret: key == "reprise.amqp.url"))
        }
        return InMemoryProvider(name: name, values: Dictionary(uniqueKeysWithValues: values))
    }

    /// `on` or `off`, `true` or `false`; anything else given for the key is an error, never the default.
    package static func flag(
        _ key: ConfigKey,
        default fallback: Bool,
        _ config: ConfigReader
    ) throws(SettingsError) -> Bool {
        switch config.string(forKey: key) {
        case nil: fallback
        case "on", "true": true
        case "off", "false": false
        case let text?: throw SettingsError("\(key) must be 'on' or 'off', not '\(text)'")
        }
    }

    /// One of the raw values of an enumeration.
    package static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: ConfigKey,
        default fallback: Choice,
        _ config: ConfigReader
    ) throws(SettingsError) -> Choice {
        guard let text = config.string(forKey: key) else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError("\(key) must be one of: \(known); not '\(text)'")
        }
        return choice
    }

    /// A whole number within `range`; anything else given for the key is an error, never the default.
    package static func integer(
        _ key: ConfigKey,
        in range: ClosedRange<Int>,
        default fallback: Int,
        _ config: ConfigReader
    ) throws(SettingsError) -> Int {
        guard let text = config.string(forKey: key) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw SettingsError(
                "\(key) must be a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'"
            )
        }
        return value
    }
}

/// Contains the broker's password, which no log and no dump may show.
extension HubSettings: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: ["hub": hub.value, "dataDirectory": dataDirectory]) }
}

/// A setting that cannot be used; the message names it and says what it may be.
public struct SettingsError: Error, Sendable, CustomStringConvertible {
    /// The sentence, for the person who wrote the setting.
    public let message: String
    package init(_ message: String) { self.message = message }
    public var description: String { message }
}
